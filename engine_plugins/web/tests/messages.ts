import type { Layout } from "../src/core/wire";

/** A small layout for tests: one curve, one bone. */
export const layout: Layout = {
  subject: "avatar",
  dueIndex: 0,
  primary: true,
  curves: ["jawOpen"],
  bones: ["head"],
  curveMin: 0,
  curveMax: 1,
  axes: "vrm1",
};

/** Bytes as the bridge sends them. */
export function layoutMessage(dueIndex: number, epoch = 0): ArrayBuffer {
  const { subject, primary, curves, bones, curveMin, curveMax } = layout;
  const range = { curve_range: [curveMin, curveMax], curve_steps: 255, bone_steps: 32767 };
  const fields = {
    subject,
    primary,
    curves,
    bones,
    due_index: dueIndex,
    fps: [60, 1],
    sample_rate_hz: 24000,
    ...range,
  };
  return join(header(1, epoch), new TextEncoder().encode(JSON.stringify(fields)));
}

export function audioMessage(startSample: number, pcm16: number[], epoch = 0): ArrayBuffer {
  const body = new DataView(new ArrayBuffer(8 + 2 * pcm16.length));
  body.setBigUint64(0, BigInt(startSample), true);
  pcm16.forEach((sample, i) => body.setInt16(8 + 2 * i, sample, true));
  return join(header(2, epoch), new Uint8Array(body.buffer));
}

/** Frames from `firstIndex` on; each frame's curve, in 255ths, and its rotation about Y, as sin of half the angle. */
export function framesMessage(firstIndex: number, jaw: number[], y: number[] = [], epoch = 0): ArrayBuffer {
  const body = new DataView(new ArrayBuffer(16 + 7 * jaw.length));
  body.setUint32(0, firstIndex, true);
  body.setUint8(4, jaw.length);
  body.setBigUint64(8, (BigInt(firstIndex) * 1_000_000_000n) / 60n, true);
  jaw.forEach((value, i) => {
    body.setUint8(16 + 7 * i, value);
    body.setInt16(16 + 7 * i + 3, Math.round((y[i] ?? 0) * 32767), true);
  });
  return join(header(3, epoch), new Uint8Array(body.buffer));
}

function header(type: number, epoch: number): Uint8Array {
  const head = new DataView(new ArrayBuffer(8));
  head.setUint16(0, 0x4241, true);
  head.setUint8(2, 1);
  head.setUint8(3, type);
  head.setUint32(4, epoch, true);
  return new Uint8Array(head.buffer);
}

function join(a: Uint8Array, b: Uint8Array): ArrayBuffer {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out.buffer;
}
