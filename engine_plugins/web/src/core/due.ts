import { FPS } from "./wire";

const WINDOW_S = 10;
const MAX_STEP_S = 0.005;

/**
 * What is due at the bridge, told by the local clock. The layout anchors it. Two machines' clocks part by some seconds
 * a day, so the lead of idle frames is watched: the bridge keeps it constant, hence a change of its median is drift.
 */
export class DueClock {
  private readonly leads: number[] = [];
  private windowStart = NaN;
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
    if (Number.isNaN(this.windowStart)) this.windowStart = nowS;
    this.leads.push(newestIndex / FPS - this.at(nowS));
    if (nowS - this.windowStart < WINDOW_S) return;
    const lead = median(this.leads);
    if (Number.isNaN(this.reference)) this.reference = lead;
    else this.anchorS += Math.max(-MAX_STEP_S, Math.min(MAX_STEP_S, lead - this.reference));
    this.skip();
  }

  /** Forget the window begun: speech is sent with another lead. */
  skip(): void {
    this.leads.length = 0;
    this.windowStart = NaN;
  }
}

function median(values: number[]): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[sorted.length >> 1] ?? NaN;
}
