/**
 * The bridge's stream: reading its binary messages and writing what a client says. The byte layout is
 * engine_plugins/PROTOCOL.md; tests/vectors/stream.json holds golden bytes that every reader replays.
 */

export const SAMPLE_RATE_HZ = 24000;
export const FPS = 60;
export const SAMPLES_PER_FRAME = SAMPLE_RATE_HZ / FPS;

/** The axes of bones that a page shows: VRM 1's, which are glTF's. Bones of a rig in others stay as they are. */
export const PAGE_AXES = "vrm1";

const MAGIC = 0x4241; // "AB", read as a little-endian u16
const VERSION = 1;
const HEADER_BYTES = 8;
const FRAMES_HEADER_BYTES = 16;
const MAX_FRAMES = 16;
const CURVE_STEPS = 255;
const BONE_STEPS = 32767;
const BONE_BYTES = 6;

/** What the numbers of the frames mean. */
export interface Layout {
  readonly subject: string;
  readonly dueIndex: number;
  readonly primary: boolean;
  readonly curves: readonly string[];
  readonly bones: readonly string[];
  readonly curveMin: number;
  readonly curveMax: number;
  /** What the rotations of bones are written in. */
  readonly axes: string;
}

export interface LayoutMessage {
  readonly type: "layout";
  readonly epoch: number;
  readonly layout: Layout;
}

/** Speech, 24 kHz mono 16 bit; the first sample is sample `startSample` of the subject's timeline. */
export interface AudioMessage {
  readonly type: "audio";
  readonly epoch: number;
  readonly startSample: number;
  readonly pcm16: Int16Array;
}

/** 1 to 16 consecutive frames, still in the message's bytes: `readFrame` unpacks one where it is wanted. */
export interface FramesMessage {
  readonly type: "frames";
  readonly epoch: number;
  readonly firstIndex: number;
  readonly count: number;
  readonly body: DataView;
}

export interface EventMessage {
  readonly type: "event";
  readonly epoch: number;
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export type Message = LayoutMessage | AudioMessage | FramesMessage | EventMessage;

/** A message that breaks the format. The receiver counts it and goes on. */
export class WireError extends Error {
  override readonly name = "WireError";
}

/** The message in `data`, or null for a type this version does not know. Frames need the layout heard before. */
export function decode(data: ArrayBuffer, layout: Layout | null): Message | null {
  const view = new DataView(data);
  if (view.byteLength < HEADER_BYTES) throw new WireError(`a message has at least ${HEADER_BYTES} bytes`);
  if (view.getUint16(0, true) !== MAGIC) throw new WireError("a message begins with AB");
  if (view.getUint8(2) !== VERSION) throw new WireError(`this reads version ${VERSION}, not ${view.getUint8(2)}`);
  const epoch = view.getUint32(4, true);
  switch (view.getUint8(3)) {
    case 1:
      return { type: "layout", epoch, layout: layoutFrom(jsonObject(data)) };
    case 2:
      return audioFrom(view, epoch);
    case 3:
      return framesFrom(view, epoch, layout);
    case 4:
      return eventFrom(jsonObject(data), epoch);
    default:
      return null;
  }
}

/**
 * Unpack frame `i` of a message: curves into `curves` [C], rotations into `bonesXyzw` [4 B].
 * The sign of a rotation is free, so the wire leaves w out and means w >= 0.
 */
export function readFrame(
  message: FramesMessage,
  i: number,
  layout: Layout,
  curves: Float32Array,
  bonesXyzw: Float32Array,
): void {
  const { body } = message;
  const span = (layout.curveMax - layout.curveMin) / CURVE_STEPS;
  let at = i * rowBytes(layout);
  for (let c = 0; c < layout.curves.length; c++) curves[c] = layout.curveMin + body.getUint8(at++) * span;
  for (let b = 0; b < layout.bones.length; b++, at += BONE_BYTES) {
    const x = body.getInt16(at, true) / BONE_STEPS;
    const y = body.getInt16(at + 2, true) / BONE_STEPS;
    const z = body.getInt16(at + 4, true) / BONE_STEPS;
    const w = Math.sqrt(Math.max(0, 1 - x * x - y * y - z * z));
    const norm = Math.hypot(x, y, z, w);
    bonesXyzw[4 * b] = x / norm;
    bonesXyzw[4 * b + 1] = y / norm;
    bonesXyzw[4 * b + 2] = z / norm;
    bonesXyzw[4 * b + 3] = w / norm;
  }
}

/** What a client that plays says of its listener: all samples before `sample` have been heard. */
export function encodePlayed(epoch: number, sample: number): string {
  return JSON.stringify({ type: "played", epoch, sample });
}

function rowBytes(layout: Layout): number {
  return layout.curves.length + BONE_BYTES * layout.bones.length;
}

function audioFrom(view: DataView, epoch: number): AudioMessage {
  const bytes = view.byteLength - HEADER_BYTES - 8;
  if (bytes < 0 || bytes % 2 !== 0) throw new WireError("the audio message is cut short");
  const pcm16 = new Int16Array(bytes / 2);
  for (let i = 0; i < pcm16.length; i++) pcm16[i] = view.getInt16(HEADER_BYTES + 8 + 2 * i, true);
  return { type: "audio", epoch, startSample: wholeNumber(view.getBigUint64(HEADER_BYTES, true)), pcm16 };
}

function framesFrom(view: DataView, epoch: number, layout: Layout | null): FramesMessage {
  if (layout === null) throw new WireError("frames came before the layout that explains them");
  const start = HEADER_BYTES + FRAMES_HEADER_BYTES;
  if (view.byteLength < start) throw new WireError("the message of frames is cut short");
  const firstIndex = view.getUint32(HEADER_BYTES, true);
  const count = view.getUint8(HEADER_BYTES + 4);
  if (count < 1 || count > MAX_FRAMES || view.byteLength !== start + count * rowBytes(layout)) {
    throw new WireError(`${count} frames do not fit a message of ${view.byteLength} bytes`);
  }
  // The product passes 2^53 for a session of some months, so it is exact only as a big integer.
  if (view.getBigUint64(HEADER_BYTES + 8, true) !== (BigInt(firstIndex) * 1_000_000_000n) / BigInt(FPS)) {
    throw new WireError(`frame ${firstIndex} carries a time off the grid`);
  }
  return { type: "frames", epoch, firstIndex, count, body: new DataView(view.buffer, start) };
}

function eventFrom(fields: Record<string, unknown>, epoch: number): EventMessage {
  const { name, ...rest } = fields;
  if (typeof name !== "string") throw new WireError("an event without a name");
  return { type: "event", epoch, name, fields: rest };
}

function layoutFrom(fields: Record<string, unknown>): Layout {
  const { subject, due_index: dueIndex, primary, curves, bones, curve_range: range, axes = PAGE_AXES } = fields;
  if (
    typeof subject !== "string" ||
    typeof dueIndex !== "number" ||
    typeof primary !== "boolean" ||
    !isNames(curves) ||
    !isNames(bones) ||
    !Array.isArray(range) ||
    typeof range[0] !== "number" ||
    typeof range[1] !== "number" ||
    typeof axes !== "string"
  ) {
    throw new WireError("the layout is not whole");
  }
  if (fields["curve_steps"] !== CURVE_STEPS || fields["bone_steps"] !== BONE_STEPS || !(range[0] < range[1])) {
    throw new WireError("the layout has a precision or range that this reader does not know");
  }
  return { subject, dueIndex, primary, curves, bones, curveMin: range[0], curveMax: range[1], axes };
}

function isNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((name) => typeof name === "string");
}

function jsonObject(data: ArrayBuffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array(data, HEADER_BYTES)));
  } catch {
    throw new WireError("the message is not JSON in UTF-8");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new WireError("the message is not a JSON object");
  }
  return value as Record<string, unknown>;
}

function wholeNumber(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new WireError(`${value} is too large to count with`);
  return Number(value);
}
