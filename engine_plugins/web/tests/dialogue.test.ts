import { describe, expect, it } from "vitest";
import { after, captionAt, type Dialogue, EMPTY, type Happening, heardOf, isHearing, rows } from "../src/core/dialogue";

const all = (...happenings: Happening[]): Dialogue => happenings.reduce(after, EMPTY);
const texts = (dialogue: Dialogue, shownS = Infinity): string[] =>
  rows(dialogue, shownS).map(({ who, text }) => `${who}: ${text}`);

const heard = (turn: number, text: string, final = false): Happening => ({ type: "transcript", turn, text, final });
const caption = (text: string, startS: number, endS: number, utterance = 1, epoch = 0): Happening => ({
  ...{ type: "caption", epoch, utterance, text, startS, endS },
});
/** A caption whose words have half a second each, from `startS` on, and a pause of as long after each. */
const told = (words: string[], startS: number): Happening => ({
  ...{ type: "caption", epoch: 0, utterance: 1, text: words.join(""), startS, endS: startS + words.length },
  words: words.map((text, i) => ({ text, startS: startS + i, endS: startS + i + 0.5 })),
});
const ended = (utterance = 1): Happening => ({ type: "ended", utterance });

describe("what a visitor says", () => {
  it("grows in one place while it is recognised, and then stands", () => {
    const growing = all(heard(1, "what"), heard(1, "what are your"));
    expect(texts(growing)).toEqual(["you: what are your"]);
    expect(isHearing(growing)).toBe(true);
    const whole = after(growing, heard(1, "What are your hours?", true));
    expect(texts(whole)).toEqual(["you: What are your hours?"]);
    expect(isHearing(whole)).toBe(false);
    expect(rows(whole, 0)[0]!.id).toBe(rows(growing, 0)[0]!.id);
  });

  it("goes when it comes to nothing", () => {
    expect(texts(all(heard(1, "uh"), heard(1, "", true)))).toEqual([]);
    expect(texts(all(heard(1, "uh"), { type: "faded" }))).toEqual([]);
    expect(texts(all(heard(1, "uh"), heard(3, "hello")))).toEqual(["you: hello"]);
  });

  it("stands where it was written, though its answer came before word that it was taken", () => {
    const before = all(heard(1, "Hi", true), caption("Hello.", 0, 1));
    const answered = [caption("And you?", 1, 2), ended(), caption("Ada.", 2, 3, 2)].reduce(after, before);
    const typed = after(answered, { type: "typed", text: "Who are you?", since: before.lastId });
    expect(texts(typed)).toEqual(["you: Hi", "avatar: Hello. And you?", "you: Who are you?", "avatar: Ada."]);
    expect(typed.lastId).toBeGreaterThan(answered.lastId);
  });

  it("is not lost with the recogniser of the next turn", () => {
    const dialogue = all(heard(1, "first"), heard(2, "second"), heard(1, "First.", true), heard(2, "Second.", true));
    expect(texts(dialogue)).toEqual(["you: First.", "you: Second."]);
  });
});

describe("what the avatar says", () => {
  it("is shown sentence by sentence, none before it is heard", () => {
    const dialogue = all(caption("One.", 1, 2), caption("Two.", 2, 3), ended());
    expect(texts(dialogue, 0.5)).toEqual([]);
    expect(texts(dialogue, 1.5)).toEqual(["avatar: One."]);
    expect(texts(dialogue, 2)).toEqual(["avatar: One. Two."]);
    expect(rows(dialogue, 2)[0]!.isOpen).toBe(true);
    expect(rows(dialogue, 3)[0]!.isOpen).toBe(false);
  });

  it("has no blanks between sentences of a script without them", () => {
    expect(texts(all(caption("你好。", 0, 1), caption("再见。", 1, 2)))).toEqual(["avatar: 你好。再见。"]);
  });

  it("ends with an ellipsis where it was interrupted, at the words that were heard", () => {
    const said = all(caption("One two.", 0, 1), caption("three four five six", 1, 2), caption("Never.", 2, 3));
    const cut = after(said, { type: "cut", shownS: 1.55 });
    expect(texts(cut)).toEqual(["avatar: One two. three four …"]);
    expect(texts(after(cut, { type: "answered", text: "One two. three", complete: false }))).toEqual([
      "avatar: One two. three …",
    ]);
  });

  it("is cut after the last word that was over, where the words are told", () => {
    const dialogue = all(told(["One ", "two, ", "three."], 0));
    const cutAt = (shownS: number) => texts(after(dialogue, { type: "cut", shownS }))[0] ?? "";
    expect([0.4, 0.5, 1.49, 1.5].map(cutAt)).toEqual(["", "avatar: One …", "avatar: One …", "avatar: One two, …"]);
  });

  it("is not there at all if nothing of it was heard", () => {
    expect(texts(all(caption("Hello there.", 5, 6), { type: "cut", shownS: 4 }))).toEqual([]);
  });

  it("is whole if it was over", () => {
    const over = all(caption("Hello there.", 0, 1), ended(), { type: "cut", shownS: 1 });
    expect(texts(over)).toEqual(["avatar: Hello there."]);
    expect(texts(after(over, { type: "answered", text: "", complete: false }))).toEqual(["avatar: Hello there."]);
  });

  it("is not blamed for the answer that was cut before its first word", () => {
    const cut = all(caption("One two three four.", 0, 2), { type: "cut", shownS: 1 });
    const before = texts(cut);
    expect(texts(after(cut, { type: "answered", text: "", complete: false }))).toEqual(before);
  });

  it("begins anew with a bridge that counts anew", () => {
    const before = all(caption("Old.", 100, 101), ended(), { type: "lost", shownS: 102 });
    const dialogue = after(before, caption("New.", 1, 2));
    expect(texts(dialogue, 1.5)).toEqual(["avatar: Old.", "avatar: New."]);
  });

  it("is cut by a bridge that goes", () => {
    const lost = all(caption("One two three four five.", 0, 2), { type: "lost", shownS: 1 });
    expect(texts(lost, -Infinity)[0]).toMatch(/^avatar: One two .*…$/);
  });

  it.each(["one two three four", "一二三四五六七八"])("is heard in order: %s", (text) => {
    let before = "";
    for (let at = 0; at <= 1; at += 0.05) {
      const part = heardOf({ text, startS: 0, endS: 1 }, at);
      expect(text.startsWith(part)).toBe(true);
      expect(part.startsWith(before)).toBe(true);
      before = part;
    }
    expect(before).toBe(text);
  });
});

describe("sources", () => {
  const cited: Happening = { type: "cited", sources: ["hours.md"] };

  it.each([
    { when: "before its first word", happenings: [cited, caption("At nine.", 0, 1)] },
    { when: "while it is said", happenings: [caption("At nine.", 0, 1), cited] },
    { when: "after an older answer", happenings: [caption("Hi.", 0, 1), ended(), cited, caption("At nine.", 2, 3, 2)] },
  ])("stand with the answer that cites them, told $when", ({ happenings }) => {
    expect(rows(all(...happenings), Infinity).at(-1)).toMatchObject({ text: "At nine.", sources: ["hours.md"] });
  });

  it("go with the answer that is not given", () => {
    const dialogue = all(cited, { type: "cut", shownS: 0 }, caption("Something else.", 1, 2, 2));
    expect(rows(dialogue, Infinity)[0]!.sources).toEqual([]);
  });
});

describe("a dialogue", () => {
  it("begins with what is remembered", () => {
    const turns = [
      { role: "user", text: "Hello", interrupted: false },
      { role: "assistant", text: "Hello, I", interrupted: true },
      { role: "assistant", text: "Yes.", interrupted: false },
    ];
    expect(texts(all({ type: "past", turns }), -Infinity)).toEqual(["you: Hello", "avatar: Hello, I …", "avatar: Yes."]);
  });

  it("is empty once the visitor is forgotten, and never uses an id twice", () => {
    const before = all({ type: "typed", text: "I am Ada", since: 0 }, { type: "note", text: "Looked." });
    const forgotten = after(before, { type: "forgotten" });
    expect(texts(forgotten)).toEqual([]);
    const next = after(forgotten, { type: "typed", text: "Hello", since: forgotten.lastId });
    expect(rows(before, 0).map(({ id }) => id)).not.toContain(rows(next, 0)[0]!.id);
  });

  it("does not grow for ever", () => {
    let dialogue = EMPTY;
    for (let i = 0; i < 1000; i++) dialogue = after(dialogue, { type: "typed", text: `${i}`, since: dialogue.lastId });
    expect(texts(dialogue).length).toBe(200);
    expect(texts(dialogue).at(-1)).toBe("you: 999");
  });
});

describe("a caption", () => {
  it("is the sentence that is heard, and stays a moment", () => {
    const dialogue = all(caption("One.", 1, 2), caption("Two.", 2.2, 3), ended());
    const at = (shownS: number) => captionAt(dialogue, shownS).map(({ text }) => text).join("");
    expect([at(0.9), at(1), at(2.1), at(2.2), at(3.5), at(3.7)]).toEqual(["", "One.", "One.", "Two.", "Two.", ""]);
  });

  it("goes with the sentence that is cut, and is nothing that is only remembered", () => {
    expect(captionAt(all(caption("One two three.", 1, 3), { type: "cut", shownS: 2 }), 2)).toEqual([]);
    const turns = [{ role: "assistant", text: "Yes.", interrupted: false }];
    expect(captionAt(all({ type: "past", turns }), -Infinity)).toEqual([]);
  });

  it("tells which of its words is being said, and stays the same text", () => {
    const dialogue = all(told(["Well, ", "hello ", "there!"], 1), ended());
    const at = (shownS: number) => captionAt(dialogue, shownS).map(({ when }) => when).join(" ");
    expect([at(1), at(1.49), at(1.5)]).toEqual(["now next next", "now next next", "past next next"]);
    expect([at(2.1), at(3.1), at(3.5)]).toEqual(["past now next", "past past now", "past past past"]);
    for (let shownS = 1; shownS < 4; shownS += 0.1) {
      expect(captionAt(dialogue, shownS).map(({ text }) => text).join("")).toBe("Well, hello there!");
    }
  });

  it("has no words to come where the voice does not tell them", () => {
    expect(captionAt(all(caption("One two.", 1, 2)), 1.2)).toEqual([{ text: "One two.", when: "past" }]);
  });

  it("is the very same between two frames in which no word changes", () => {
    const dialogue = all(told(["One ", "two."], 1));
    const first = captionAt(dialogue, 1.1);
    expect(captionAt(dialogue, 1.2, first)).toBe(first);
    expect(captionAt(dialogue, 2.1, first)).not.toBe(first);
  });
});
