import { FPS } from "./wire";

/** Some five seconds of idle frames. */
const WINDOW_MESSAGES = 100;
const MAX_STEP_S = 0.005;

/**
 * What is due at the bridge, told by the local clock. The layout anchors it. Two machines' clocks part by some seconds
 * a day, so the lead of idle frames is watched, in what idle time there is: the bridge keeps it constant, hence a change
 * of its median is drift.
 */
export class DueClock {
  private readonly leads: number[] = [];
  private reference = NaN;

  constructor(
    private readonly arrivalS: number,
    private anchorS: number,
  ) {}

  static fromLayout(nowS: number, dueIndex: number): DueClock {
    return new DueClock(nowS, dueIndex / FPS);
  }

  /** Seconds on the subject's timeline due at the bridge at `nowS`. */
  at(nowS: number): number {
    return this.anchorS + nowS - this.arrivalS;
  }

  /** Note that the newest frame, `newestIndex`, has just arrived in an idle stretch. */
  observe(nowS: number, newestIndex: number): void {
    this.leads.push(newestIndex / FPS - this.at(nowS));
    if (this.leads.length < WINDOW_MESSAGES) return;
    const lead = median(this.leads);
    if (Number.isNaN(this.reference)) this.reference = lead;
    else this.anchorS += Math.max(-MAX_STEP_S, Math.min(MAX_STEP_S, lead - this.reference));
    this.leads.length = 0;
  }
}

function median(values: number[]): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[sorted.length >> 1] ?? NaN;
}
