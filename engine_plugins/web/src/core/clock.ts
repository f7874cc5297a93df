import { DueClock } from "./due";
import { Timeline } from "./timeline";
import { SAMPLE_RATE_HZ } from "./wire";

/** One instant on both clocks, in seconds. */
export interface Reading {
  /** performance.now(). */
  readonly nowS: number;
  /** Null while no audio runs. `renderS`: the next to be rendered; `heardS`: what comes out of the speaker now. */
  readonly audio: { readonly renderS: number; readonly heardS: number } | null;
}

/** Audio is placed at least this far ahead of what is rendered, or the browser would clip its beginning. */
export const MARGIN_S = 0.02;
/** Beyond this nothing is caught up smoothly: the picture jumps. */
const JUMP_S = 0.5;
const MAX_SLEW = 0.02;
/** How fast the delay that a late utterance forced on us is given back while idle. */
const RECOVERY_PER_S = 0.005;

/**
 * Which moment of the subject's timeline is shown now. Until audio runs: what is due at the bridge less a buffer.
 * Then by what is heard; while something is heard the two are rigid, between utterances the picture is led
 * back, imperceptibly slowly, to the bridge's clock.
 */
export class FrameClock {
  private due: DueClock | null = null;
  private timeline: Timeline | null = null;
  private byAudio = false;
  private extraS = 0;
  private last: Reading | null = null;

  constructor(private readonly bufferS = 0.1) {}

  /** The layout has arrived: the picture is led to where it says. */
  anchor(reading: Reading, dueIndex: number): void {
    this.due = DueClock.fromLayout(reading.nowS, dueIndex);
    this.extraS = 0;
    if (this.timeline !== null) this.advance(reading, false);
  }

  /** Idle frames have arrived, which tell how the bridge's clock goes. */
  observe(reading: Reading, newestIndex: number): void {
    this.due?.observe(reading.nowS, newestIndex);
  }

  /** The time to show, in seconds on the timeline; NaN before the first layout. */
  advance(reading: Reading, isPlaying: boolean): number {
    if (this.due === null) return NaN;
    const { audio } = reading;
    // A wireless loudspeaker is further behind than the buffer; speech placed by it would always come too late.
    const latencyS = audio === null ? 0 : audio.renderS - audio.heardS + MARGIN_S;
    const target = this.due.at(reading.nowS) - Math.max(this.bufferS, latencyS) - this.extraS;
    const timeline = this.onClockOf(reading, target);
    const clockS = clockOf(reading);
    const timeS = timeline.at(clockS);
    if (!isPlaying && !timeline.isMoving(clockS)) {
      const behind = target - timeS;
      const elapsed = this.last === null ? 0 : reading.nowS - this.last.nowS;
      this.extraS = Math.max(0, this.extraS - elapsed * RECOVERY_PER_S);
      if (Math.abs(behind) > JUMP_S) timeline.moveAt(clockS, target);
      else timeline.slew(clockS, 1 + Math.max(-MAX_SLEW, Math.min(MAX_SLEW, behind)));
    }
    this.last = reading;
    return timeline.at(clockS);
  }

  /**
   * The frame of the audio context at which sample `startSample`, the first of a stretch, is played. Where its
   * time is past, the timeline moves so that it plays now.
   */
  place(reading: Reading, startSample: number): number {
    const { audio } = reading;
    if (audio === null || this.timeline === null || !this.byAudio)
      throw new Error("no audio clock to place samples on");
    const startS = startSample / SAMPLE_RATE_HZ;
    const dueS = this.timeline.clockAt(startS);
    const frame = Math.round(Math.max(dueS, audio.renderS + MARGIN_S) * SAMPLE_RATE_HZ);
    this.extraS += Math.max(0, frame / SAMPLE_RATE_HZ - dueS);
    this.timeline.moveAt(frame / SAMPLE_RATE_HZ, startS);
    return frame;
  }

  /** How late sample `startSample` would be, in seconds; negative when there is time left. */
  lateness(reading: Reading, startSample: number): number {
    if (reading.audio === null || this.timeline === null) return NaN;
    return reading.audio.renderS + MARGIN_S - this.timeline.clockAt(startSample / SAMPLE_RATE_HZ);
  }

  private onClockOf(reading: Reading, target: number): Timeline {
    const byAudio = reading.audio !== null;
    if (this.timeline === null) {
      this.timeline = new Timeline(clockOf(reading), target);
    } else if (byAudio !== this.byAudio && this.last !== null) {
      // The other clock takes over without a step.
      const timeS = this.timeline.at(clockOf(this.last) + reading.nowS - this.last.nowS);
      this.timeline = new Timeline(clockOf(reading), timeS);
    }
    this.byAudio = byAudio;
    return this.timeline;
  }
}

function clockOf(reading: Reading): number {
  return reading.audio?.heardS ?? reading.nowS;
}
