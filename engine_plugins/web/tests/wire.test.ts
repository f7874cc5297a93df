import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decode, encodePlayed, type FramesMessage, type Layout, readFrame, WireError } from "../src/core/wire";

interface Vector {
  name: string;
  hex: string;
  expect: Record<string, unknown>;
}

const vectors = JSON.parse(readFileSync(new URL("../../../tests/vectors/stream.json", import.meta.url), "utf8")) as {
  layout: { curves: string[]; bones: string[]; curve_range: [number, number] };
  good: Vector[];
  bad: Vector[];
  skip: Vector;
};

const layout: Layout = {
  subject: "avatar",
  dueIndex: 0,
  primary: true,
  curves: vectors.layout.curves,
  bones: vectors.layout.bones,
  curveMin: vectors.layout.curve_range[0],
  curveMax: vectors.layout.curve_range[1],
  axes: "vrm1",
};

const bytes = (hex: string): ArrayBuffer => Uint8Array.from(Buffer.from(hex, "hex")).buffer;

/** The message as the vectors write it: snake case, frames unpacked, quaternions w first. */
function plain(data: ArrayBuffer): Record<string, unknown> {
  const message = decode(data, layout)!;
  switch (message.type) {
    case "layout": {
      const { subject, dueIndex, primary, curves, bones, curveMin, curveMax, axes } = message.layout;
      const head = { type: "layout", epoch: message.epoch, subject, due_index: dueIndex, primary, curves, bones, axes };
      return { ...head, curve_range: [curveMin, curveMax] };
    }
    case "frames":
      return { type: "frames", epoch: message.epoch, first_index: message.firstIndex, ...unpacked(message) };
    case "audio":
      return { type: "audio", epoch: message.epoch, start_sample: message.startSample, pcm16: [...message.pcm16] };
    case "event":
      return { type: "event", epoch: message.epoch, name: message.name, ...message.fields };
  }
}

function unpacked(message: FramesMessage): { curves: number[][]; bones_wxyz: number[][][] } {
  const curves = new Float32Array(layout.curves.length);
  const bones = new Float32Array(4 * layout.bones.length);
  const rows = { curves: [] as number[][], bones_wxyz: [] as number[][][] };
  for (let i = 0; i < message.count; i++) {
    readFrame(message, i, layout, curves, bones);
    rows.curves.push([...curves]);
    rows.bones_wxyz.push(layout.bones.map((_, b) => [3, 0, 1, 2].map((k) => bones[4 * b + k]!)));
  }
  return rows;
}

function expectClose(actual: unknown, wanted: unknown, path: string): void {
  if (typeof wanted === "number") expect(actual, path).toBeCloseTo(wanted, 6);
  else if (Array.isArray(wanted)) {
    expect((actual as unknown[]).length, path).toBe(wanted.length);
    wanted.forEach((w, i) => expectClose((actual as unknown[])[i], w, `${path}[${i}]`));
  } else expect(actual, path).toEqual(wanted);
}

describe("the golden bytes of the stream", () => {
  it.each(vectors.good)("$name reads as written", ({ hex, expect: wanted }) => {
    const actual = plain(bytes(hex));
    for (const [key, value] of Object.entries(wanted)) {
      if (key in actual) expectClose(actual[key], value, key);
      else expect(["fps", "curve_steps", "bone_steps", "sample_rate_hz"], key).toContain(key);
    }
  });

  it.each(vectors.bad)("$name is refused", ({ hex }) => {
    expect(() => decode(bytes(hex), layout)).toThrow(WireError);
  });

  it("an unknown type is skipped", () => {
    expect(decode(bytes(vectors.skip.hex), layout)).toBeNull();
  });

  it("frames before a layout are refused", () => {
    const frame = vectors.good.find((v) => v.name === "one frame")!;
    expect(() => decode(bytes(frame.hex), null)).toThrow(WireError);
  });
});

it("whatever the bytes, decoding throws WireError and nothing else", () => {
  let state = 1;
  const random = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  const seeds = vectors.good.map((v) => Buffer.from(v.hex, "hex"));
  for (let round = 0; round < 3000; round++) {
    const data = Uint8Array.from(seeds[Math.floor(random() * seeds.length)]!);
    for (let k = 0; k < 3; k++) data[Math.floor(random() * data.length)] = Math.floor(random() * 256);
    const cut = random() < 0.5 ? data.length : Math.floor(random() * data.length);
    try {
      decode(data.slice(0, cut).buffer, layout);
    } catch (error) {
      expect(error).toBeInstanceOf(WireError);
    }
  }
});

it("played is JSON text", () => {
  expect(JSON.parse(encodePlayed(3, 61200))).toEqual({ type: "played", epoch: 3, sample: 61200 });
});
