import { describe, expect, test } from "vitest";
import { dismissed, mended, type Problems, shown, told } from "../src/core/problems";

const NONE: Problems = [];

describe("problems", () => {
  test("the newest is shown, and what it hid comes back once it is mended", () => {
    const dark = told(NONE, "picture", "No WebGL.");
    const refused = told(dark, "request", "Not that.");
    expect([NONE, dark, refused].map(shown)).toEqual(["", "No WebGL.", "Not that."]);
    expect(shown(mended(refused, "request", "bridge"))).toBe("No WebGL.");
    expect(shown(told(refused, "request", ""))).toBe("No WebGL.");
  });

  test("what is told again stays where it is, and a new sentence takes the old one's place", () => {
    const problems = told(told(NONE, "stream", "Full."), "request", "Not that.");
    expect(told(problems, "stream", "Full.")).toBe(problems);
    expect(told(problems, "stream", "No such name.").map(({ sentence }) => sentence)).toEqual(["Not that.", "No such name."]);
  });

  test("a sentence that was read is gone, whatever it came of", () => {
    const problems = told(told(told(NONE, "picture", "No WebGL."), "stream", "Full."), "request", "Full.");
    expect(dismissed(problems)).toEqual([{ cause: "picture", sentence: "No WebGL." }]);
    expect(dismissed(NONE)).toEqual([]);
  });
});
