import type { Counters } from "../core/receiver";

/** One animation callback. Times in seconds; NaN where nothing was shown or nothing heard. */
export interface Sample {
  readonly nowS: number;
  readonly shownS: number;
  readonly heardS: number;
}

/** A unit quaternion, x y z w. */
export type Rotation = [number, number, number, number];

const CAPACITY = 4096;

/** What measurements and tests read as `window.avatarBridge`; a page has one. */
export interface Probe {
  readonly ready: boolean;
  readonly connected: boolean;
  readonly primary: boolean;
  readonly audioRunning: boolean;
  /** Whether speech is being heard, or is placed to be. */
  readonly audible: boolean;
  readonly avatar: string | null;
  readonly epoch: number;
  /** The time shown last, in seconds on the timeline; NaN before the first frame. */
  readonly shownS: number;
  counters(): Counters;
  /** The last animation callbacks, oldest first. */
  samples(): Sample[];
  /** The curves shown last, by name. */
  curves(): Record<string, number>;
  /** The rotations shown last, x y z w by the bone's name. */
  bones(): Record<string, Rotation>;
  /**
   * Draw one pose, and none of the stream's until `resume`: for films and contact sheets, frame by frame. What is not
   * named is neutral.
   */
  present(curves: Record<string, number>, bones?: Record<string, Rotation>): void;
  resume(): void;
}

/** A ring of what each animation callback showed and heard, written without allocation. */
export class SampleRing {
  private readonly values = new Float64Array(3 * CAPACITY);
  private written = 0;

  add(nowS: number, shownS: number, heardS: number): void {
    const at = 3 * (this.written++ % CAPACITY);
    this.values[at] = nowS;
    this.values[at + 1] = shownS;
    this.values[at + 2] = heardS;
  }

  read(): Sample[] {
    const count = Math.min(this.written, CAPACITY);
    return Array.from({ length: count }, (_, i) => {
      const at = 3 * ((this.written - count + i) % CAPACITY);
      return { nowS: this.values[at]!, shownS: this.values[at + 1]!, heardS: this.values[at + 2]! };
    });
  }
}
