import { describe, expect, it } from "vitest";
import { Decimator, HIGHEST_HZ, loudness, Pieces, stepOf, toPcm16 } from "../src/core/pcm";

const tone = (hz: number, rateHz: number, count: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hz * i) / rateHz));

/** A signal in blocks of uneven lengths. */
function* blocks(samples: Float32Array): Generator<Float32Array> {
  const lengths = [128, 1, 37, 512, 128];
  for (let at = 0, i = 0; at < samples.length; i++) {
    const length = lengths[i % lengths.length]!;
    yield samples.subarray(at, at + length);
    at += length;
  }
}

function joined(parts: readonly (Float32Array | Int16Array)[]): number[] {
  return parts.flatMap((part) => Array.from(part));
}

/** Root mean square, without the filter's start. */
const rms = (samples: readonly number[]): number => {
  const settled = samples.slice(200);
  return Math.sqrt(settled.reduce((sum, x) => sum + x * x, 0) / settled.length);
};

describe("16-bit samples", () => {
  it("keep full scale, clip what lies beyond, and silence what is no number", () => {
    expect(Array.from(toPcm16(new Float32Array([0, 1, -1, 3, -3, NaN, Infinity])))).toEqual([
      0, 32767, -32767, 32767, -32767, 0, 32767,
    ]);
  });

  it("are as loud as they were", () => {
    expect(loudness(toPcm16(tone(440, 48000, 48000)))).toBeCloseTo(0.5 / Math.SQRT2, 3);
    expect(loudness(new Int16Array(0))).toBe(0);
  });
});

describe("a rate", () => {
  it.each([8000, 16000, 44100, 48000])("of %i Hz is left as it is", (rateHz) => {
    expect(stepOf(rateHz)).toBe(1);
  });

  it.each([88200, 96000, 176400, 192000])("of %i Hz is divided until the bridge takes it", (rateHz) => {
    expect(rateHz / stepOf(rateHz)).toBeLessThanOrEqual(HIGHEST_HZ);
    expect(Number.isInteger(rateHz / stepOf(rateHz))).toBe(true);
  });
});

describe("a thinned stream", () => {
  it("is the same however it was cut into blocks", () => {
    const samples = tone(1000, 96000, 5000);
    const whole = new Decimator(2).push(samples);
    const cut = new Decimator(2);
    expect(joined([...blocks(samples)].map((block) => cut.push(block)))).toEqual(Array.from(whole));
    expect(whole.length).toBe(2500);
  });

  it.each([2, 4])("of every %i-th sample keeps a voice, and nothing folds down", (step) => {
    const rateHz = 48000 * step;
    expect(rms(Array.from(new Decimator(step).push(tone(3000, rateHz, 40000))))).toBeCloseTo(0.5 / Math.SQRT2, 2);
    expect(rms(Array.from(new Decimator(step).push(tone(30000, rateHz, 40000))))).toBeLessThan(5e-4);
  });
});

describe("pieces of a microphone's sound", () => {
  it.each([16000, 44100, 48000])("at %i Hz hold all of it in order, at 20 to 40 ms each", (rateHz) => {
    const pieces = new Pieces(rateHz);
    expect(pieces.rateHz).toBe(rateHz);
    const samples = tone(300, rateHz, 20 * 1024);
    const cut: Int16Array[] = [];
    for (let at = 0; at < samples.length; at += 128) {
      const piece = pieces.push(samples.subarray(at, at + 128));
      if (piece !== null) cut.push(piece);
    }
    for (const piece of cut) {
      expect(piece.length / rateHz).toBeGreaterThanOrEqual(0.02);
      expect(piece.length / rateHz).toBeLessThan(0.04);
    }
    const all = joined(cut);
    expect(all).toEqual(Array.from(toPcm16(samples)).slice(0, all.length));
    expect(samples.length - all.length).toBeLessThan(0.04 * rateHz);
  });

  it("are at a rate that the bridge takes", () => {
    const pieces = new Pieces(192000);
    expect(pieces.rateHz).toBe(48000);
    const cut = [...blocks(tone(300, 192000, 19200))].flatMap((block) => pieces.push(block) ?? []);
    expect(joined(cut).length).toBeGreaterThan(4800 - 960 - 128);
  });

  it("do not change when the block they came from is used again", () => {
    const pieces = new Pieces(16000);
    const block = new Float32Array(200).fill(0.5);
    pieces.push(block);
    block.fill(0);
    expect(pieces.push(block)?.[0]).toBe(16384);
  });
});
