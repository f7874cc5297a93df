import { SAMPLE_RATE_HZ } from "./wire";

/** Samples handed to the audio output: `count` from `startSample` on, the first at frame `contextFrame`. */
interface Placed {
  readonly contextFrame: number;
  readonly startSample: number;
  readonly count: number;
}

/** How long a stretch that was heard is remembered: longer than any output's latency. */
const KEPT_S = 3;

/** What was given to the audio output and where. It tells what is being heard, without asking the timeline. */
export class Playlist {
  private placed: Placed[] = [];

  /** One past the last sample placed, or -1. */
  get endSample(): number {
    const last = this.placed.at(-1);
    return last === undefined ? -1 : last.startSample + last.count;
  }

  /** One past the last frame of the audio context that is taken, or -1. */
  get endFrame(): number {
    const last = this.placed.at(-1);
    return last === undefined ? -1 : last.contextFrame + last.count;
  }

  add(contextFrame: number, startSample: number, count: number): void {
    this.placed.push({ contextFrame, startSample, count });
  }

  /** The sample (with a fraction) heard at context time `heardS`, or NaN in a silence. */
  heardAt(heardS: number): number {
    const frame = heardS * SAMPLE_RATE_HZ;
    for (let i = this.placed.length - 1; i >= 0; i--) {
      const { contextFrame, startSample, count } = this.placed[i]!;
      if (frame >= contextFrame && frame < contextFrame + count) return startSample + frame - contextFrame;
    }
    return NaN;
  }

  /** One past the last sample of the stretch that was heard to its end most lately, or NaN. */
  finishedAt(heardS: number): number {
    const frame = heardS * SAMPLE_RATE_HZ;
    const last = this.placed.findLast((p) => p.contextFrame + p.count <= frame);
    return last === undefined ? NaN : last.startSample + last.count;
  }

  /** Whether anything placed is still to be heard. */
  isPlaying(heardS: number): boolean {
    return this.endFrame > heardS * SAMPLE_RATE_HZ;
  }

  /** Forget what was heard some seconds ago. The last is kept, so that its end is known. */
  prune(heardS: number): void {
    const limit = (heardS - KEPT_S) * SAMPLE_RATE_HZ;
    const first = this.placed.findIndex((p) => p.contextFrame + p.count > limit);
    this.placed = first < 0 ? this.placed.slice(-1) : this.placed.slice(first);
  }

  clear(): void {
    this.placed = [];
  }
}
