import { describe, expect, it } from "vitest";
import { FrameBuffer, newPose } from "../src/core/frames";
import { decode, type FramesMessage } from "../src/core/wire";
import { framesMessage, layout } from "./messages";

function filled(...messages: ArrayBuffer[]): FrameBuffer {
  const buffer = new FrameBuffer(layout);
  for (const data of messages) buffer.put(decode(data, layout) as FramesMessage);
  return buffer;
}

const jawAt = (buffer: FrameBuffer, timeS: number): number => {
  const pose = newPose(layout);
  buffer.sample(timeS, pose);
  return pose.curves[0]! * 255;
};

describe("frames by presentation time", () => {
  it("are interpolated between two", () => {
    const buffer = filled(framesMessage(60, [0, 100, 200]));
    expect(jawAt(buffer, 1)).toBeCloseTo(0, 4);
    expect(jawAt(buffer, 1 + 0.25 / 60)).toBeCloseTo(25, 4);
    expect(jawAt(buffer, 1 + 1.5 / 60)).toBeCloseTo(150, 4);
  });

  it("turn bones at an even rate, the shorter way", () => {
    const half = Math.PI / 6;
    const buffer = filled(framesMessage(0, [0, 0], [0, Math.sin(half)]));
    const pose = newPose(layout);
    buffer.sample(0.25 / 60, pose);
    expect(2 * Math.asin(pose.bonesXyzw[1]!)).toBeCloseTo(half / 2, 3);
    expect(Math.hypot(...pose.bonesXyzw)).toBeCloseTo(1, 6);
  });

  it("are held past the last, which is said", () => {
    const buffer = filled(framesMessage(0, [10, 20]));
    const pose = newPose(layout);
    const shown = buffer.sample(0.5, pose);
    expect(pose.curves[0]! * 255).toBeCloseTo(20, 4);
    expect(shown).toEqual({ timeS: 1 / 60, held: true });
  });

  it("that came last for an index win", () => {
    const buffer = filled(framesMessage(0, [10, 10, 10]), framesMessage(1, [90, 90]));
    expect([0, 1, 2].map((k) => Math.round(jawAt(buffer, k / 60)))).toEqual([10, 90, 90]);
  });

  it("leave the picture alone until one is due", () => {
    const buffer = filled(framesMessage(60, [200]));
    expect(jawAt(buffer, 0.5)).toBe(0);
    buffer.clear();
    expect(jawAt(buffer, 5)).toBe(0);
  });

  it("fit in the ring whatever was never shown", () => {
    const buffer = new FrameBuffer(layout);
    for (let k = 0; k < 6000; k += 10) {
      const values = Array.from({ length: 10 }, (_, i) => (k + i) % 256);
      buffer.put(decode(framesMessage(k, values), layout) as FramesMessage);
    }
    for (const k of [5800, 5900, 5999]) expect(Math.round(jawAt(buffer, k / 60))).toBe(k % 256);
    expect(buffer.newestIndex).toBe(5999);
  });
});
