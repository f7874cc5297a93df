import { expect, it } from "vitest";
import { backoffMs } from "../src/core/backoff";
import { boneKey, shapeKey } from "../src/core/names";
import { type VowelWeights, vowels } from "../src/core/vowels";

it.each([
  ["eyeBlinkLeft", "eyeblinkleft"],
  ["EyeBlinkLeft", "eyeblinkleft"],
  ["eyeBlink_L", "eyeblinkleft"],
  ["eyeBlink.R", "eyeblinkright"],
  ["blendShape1.eyeBlinkLeft", "eyeblinkleft"],
  ["A14_Eye_Blink_Left", "eyeblinkleft"],
  ["Head.mouthSmile_R", "mouthsmileright"],
  ["jawOpen", "jawopen"],
  ["mouthLeft", "mouthleft"],
])("the shape %s is known as %s", (name, key) => {
  expect(shapeKey(name)).toBe(key);
});

it.each([
  ["Head", "head"],
  ["mixamorig:Head", "head"],
  ["mixamorig9:LeftArm", "leftarm"],
  ["J_Bip_C_UpperChest", "upperchest"],
  ["eye.L", "eyeleft"],
])("the bone %s is known as %s", (name, key) => {
  expect(boneKey(name)).toBe(key);
});

function spoken(shapes: Record<string, number>): VowelWeights {
  const out: VowelWeights = [0, 0, 0, 0, 0];
  vowels((shape) => shapes[shape] ?? 0, out);
  return out;
}

it("a shut mouth is no vowel, whatever the lips do against the jaw", () => {
  expect(spoken({})).toEqual([0, 0, 0, 0, 0]);
  expect(spoken({ jawopen: 0.4, mouthclose: 0.4 })).toEqual([0, 0, 0, 0, 0]);
});

it("each corner is its own vowel, and the weights never pass one together", () => {
  const wide = { mouthstretchleft: 1, mouthstretchright: 1 };
  const corners = [{ jawopen: 1 }, wide, { mouthpucker: 1 }, { jawopen: 1, ...wide }, { jawopen: 1, mouthfunnel: 1 }];
  corners.forEach((shapes, i) => {
    const weights = spoken(shapes);
    expect(weights[i]).toBeCloseTo(1, 6);
    expect(weights.reduce((a, b) => a + b)).toBeLessThanOrEqual(1 + 1e-9);
  });
});

it("waits between attempts grow to five seconds, and are never nothing", () => {
  expect([0, 1, 2, 10, 1e6].map((n) => backoffMs(n, 0))).toEqual([250, 500, 1000, 5000, 5000]);
  expect(backoffMs(0, 1)).toBe(125);
});
