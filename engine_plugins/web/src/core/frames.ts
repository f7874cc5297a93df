import { FPS, type FramesMessage, type Layout, readFrame } from "./wire";

/** More than four seconds: the bridge leads by one at most, and a late listener may lag by another. */
const CAPACITY = 256;
const EMPTY = -1;

/** A frame as it is shown: `curves` [C] in the layout's range, `bonesXyzw` [4 B] unit quaternions. */
export interface Pose {
  readonly curves: Float32Array;
  readonly bonesXyzw: Float32Array;
}

/** Where `FrameBuffer.sample` found its frame: its time, and whether it had to hold the newest for want of more. */
export interface Shown {
  /** Seconds on the timeline; NaN while nothing has ever been due. */
  timeS: number;
  held: boolean;
}

export function newPose(layout: Layout): Pose {
  const bonesXyzw = new Float32Array(4 * layout.bones.length);
  for (let b = 0; b < layout.bones.length; b++) bonesXyzw[4 * b + 3] = 1;
  return { curves: new Float32Array(layout.curves.length), bonesXyzw };
}

/**
 * Received frames by index, in a ring of fixed size. For one index the last frame received wins; what a hidden tab
 * never showed is overwritten. Nothing is allocated after construction.
 */
export class FrameBuffer {
  private readonly indices = new Float64Array(CAPACITY).fill(EMPTY);
  private readonly poses: Pose[];
  private newest = EMPTY;
  private readonly shown: Shown = { timeS: NaN, held: false };

  constructor(private readonly layout: Layout) {
    this.poses = Array.from({ length: CAPACITY }, () => newPose(layout));
  }

  /** The highest index received, or -1. */
  get newestIndex(): number {
    return this.newest;
  }

  put(message: FramesMessage): void {
    for (let i = 0; i < message.count; i++) {
      const index = message.firstIndex + i;
      const slot = index % CAPACITY;
      const pose = this.poses[slot]!;
      readFrame(message, i, this.layout, pose.curves, pose.bonesXyzw);
      this.indices[slot] = index;
      if (index > this.newest) this.newest = index;
    }
  }

  /** Forget all frames: a new epoch has begun. */
  clear(): void {
    this.indices.fill(EMPTY);
    this.newest = EMPTY;
  }

  /**
   * The motion at `timeS` into `out`: between two frames interpolated, past the last one held. Where nothing is due
   * yet `out` stays as it is. The returned object is reused by the next call.
   */
  sample(timeS: number, out: Pose): Shown {
    const position = timeS * FPS;
    const index = this.lastDue(Math.floor(position));
    this.shown.held = false;
    if (index === EMPTY) return this.shown;
    const from = this.poses[index % CAPACITY]!;
    const next = this.at(index + 1);
    const fraction = next === null ? 0 : Math.min(position - index, 1);
    blend(from, next ?? from, fraction, out);
    this.shown.timeS = (index + fraction) / FPS;
    this.shown.held = next === null && position - index > 1;
    return this.shown;
  }

  private at(index: number): Pose | null {
    return this.indices[index % CAPACITY] === index ? this.poses[index % CAPACITY]! : null;
  }

  private lastDue(due: number): number {
    const start = Math.min(due, this.newest);
    for (let index = start; index >= 0 && index > start - CAPACITY; index--) {
      if (this.at(index) !== null) return index;
    }
    return EMPTY;
  }
}

function blend(a: Pose, b: Pose, fraction: number, out: Pose): void {
  for (let c = 0; c < out.curves.length; c++) {
    out.curves[c] = a.curves[c]! + (b.curves[c]! - a.curves[c]!) * fraction;
  }
  for (let q = 0; q < out.bonesXyzw.length; q += 4) slerp(a.bonesXyzw, b.bonesXyzw, q, fraction, out.bonesXyzw);
}

/** Shoemake's slerp of two unit quaternions by the shorter way (SIGGRAPH 1985). */
function slerp(a: Float32Array, b: Float32Array, at: number, fraction: number, out: Float32Array): void {
  const ax = a[at]!;
  const ay = a[at + 1]!;
  const az = a[at + 2]!;
  const aw = a[at + 3]!;
  const dot = ax * b[at]! + ay * b[at + 1]! + az * b[at + 2]! + aw * b[at + 3]!;
  const cos = Math.abs(dot);
  let wa = 1 - fraction;
  let wb = fraction;
  if (cos < 0.9995) {
    const angle = Math.acos(cos);
    const sin = Math.sin(angle);
    wa = Math.sin(wa * angle) / sin;
    wb = Math.sin(wb * angle) / sin;
  }
  if (dot < 0) wb = -wb;
  const x = wa * ax + wb * b[at]!;
  const y = wa * ay + wb * b[at + 1]!;
  const z = wa * az + wb * b[at + 2]!;
  const w = wa * aw + wb * b[at + 3]!;
  const norm = Math.hypot(x, y, z, w);
  out[at] = x / norm;
  out[at + 1] = y / norm;
  out[at + 2] = z / norm;
  out[at + 3] = w / norm;
}
