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
  private endSampleOrNone = -1;
  private endFrameOrNone = -1;

  /** One past the last sample placed, or -1. */
  get endSample(): number {
    return this.endSampleOrNone;
  }

  /** One past the last frame of the audio context that is taken, or -1. */
  get endFrame(): number {
    return this.endFrameOrNone;
  }

  add(contextFrame: number, startSample: number, count: number): void {
    this.placed.push({ contextFrame, startSample, count });
    this.endSampleOrNone = Math.max(this.endSampleOrNone, startSample + count);
    this.endFrameOrNone = Math.max(this.endFrameOrNone, contextFrame + count);
  }

  /** The frame for a sample that came after later ones were placed: it goes where those say. Only where there are such. */
  frameFor(sample: number): number {
    const later = this.placed.filter((p) => p.startSample + p.count > sample);
    const nearest = later.reduce((a, b) => (b.startSample < a.startSample ? b : a));
    return nearest.contextFrame + sample - nearest.startSample;
  }

  /** Whether these samples were all placed before. */
  holds(startSample: number, count: number): boolean {
    return this.placed.some((p) => p.startSample <= startSample && startSample + count <= p.startSample + p.count);
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

  /** One past the last sample of what was heard to its end, or -1. */
  finishedAt(heardS: number): number {
    const over = this.placed.filter((p) => p.contextFrame + p.count <= heardS * SAMPLE_RATE_HZ);
    return over.reduce((end, p) => Math.max(end, p.startSample + p.count), -1);
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
    this.endSampleOrNone = this.endFrameOrNone = -1;
  }
}
