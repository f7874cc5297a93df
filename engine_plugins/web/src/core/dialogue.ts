/** A piece of what the avatar says, and when it is heard, in seconds on the timeline. */
export interface Timed {
  readonly text: string;
  readonly startS: number;
  readonly endS: number;
}

/** A sentence, and its words where the voice tells them: their texts put together are the sentence's. */
export interface Sentence extends Timed {
  readonly words?: readonly Timed[];
}

/** A piece of a caption: said already, being said, or still to come. */
export interface CaptionPart {
  readonly text: string;
  readonly when: "past" | "now" | "next";
}

interface Yours {
  readonly who: "you";
  /** The turn whose words are still being recognised; null once they are what they are. */
  readonly turn: number | null;
  readonly text: string;
}

interface Avatars {
  readonly who: "avatar";
  readonly epoch: number;
  readonly utterance: number;
  readonly sentences: readonly Sentence[];
  readonly sources: readonly string[];
  /** Whether no sentence will follow. */
  readonly isEnded: boolean;
  /** What was heard of it before it was interrupted; null if it was not. */
  readonly cut: string | null;
}

interface Note {
  readonly who: "note";
  readonly text: string;
}

type Numbered<P> = P & { readonly id: number };
type Part = Numbered<Yours> | Numbered<Avatars> | Numbered<Note>;

/** What was said, oldest first, and what is known of it before it is heard. */
export interface Dialogue {
  readonly parts: readonly Part[];
  readonly lastId: number;
  /** Sources of an answer of which no sentence has come yet. */
  readonly sources: readonly string[];
}

export interface PastTurn {
  readonly role: string;
  readonly text: string;
  readonly interrupted: boolean;
}

/** What happens in a dialogue. */
export type Happening =
  | { readonly type: "past"; readonly turns: readonly PastTurn[] }
  /** The bridge has taken what was written when the dialogue's `lastId` was `since`. */
  | { readonly type: "typed"; readonly text: string; readonly since: number }
  | { readonly type: "note"; readonly text: string }
  | { readonly type: "transcript"; readonly turn: number; readonly text: string; readonly final: boolean }
  /** Nothing more of the visitor's turn has come for a while: it was nothing. */
  | { readonly type: "faded" }
  | ({ readonly type: "caption"; readonly epoch: number; readonly utterance: number } & Sentence)
  | { readonly type: "ended"; readonly utterance: number }
  /** The avatar was silenced; `shownS` is the time that was being heard then. */
  | { readonly type: "cut"; readonly shownS: number }
  /** The bridge is gone, and its timeline with it. */
  | { readonly type: "lost"; readonly shownS: number }
  | { readonly type: "answered"; readonly text: string; readonly complete: boolean }
  | { readonly type: "cited"; readonly sources: readonly string[] }
  | { readonly type: "forgotten" };

/** A line of the dialogue as it stands on the page. */
export interface Row {
  readonly id: number;
  readonly who: "you" | "avatar" | "note";
  readonly text: string;
  /** Whether it may still change or grow. */
  readonly isOpen: boolean;
  readonly sources: readonly string[];
}

export const EMPTY: Dialogue = { parts: [], lastId: 0, sources: [] };

const MOST_PARTS = 200;
/** The last moment of a sentence is silence: cut there, it was heard whole. */
const TAIL_S = 0.2;
/** How long a caption stays once it has been said. */
const LINGER_S = 0.6;

/** The dialogue after something has happened. */
export function after(dialogue: Dialogue, happening: Happening): Dialogue {
  switch (happening.type) {
    case "past":
      return happening.turns.reduce(remembered, dialogue);
    case "typed":
      return typed(dialogue, happening);
    case "note":
      return added(dialogue, { who: "note", text: happening.text });
    case "transcript":
      return recognised(dialogue, happening);
    case "faded":
      return { ...dialogue, parts: dialogue.parts.filter((part) => !isRecognising(part)) };
    case "caption":
      return captioned(dialogue, happening);
    case "ended":
      return changed(dialogue, (part) => (part.utterance === happening.utterance ? { ...part, isEnded: true } : part));
    case "cut":
      return changed({ ...dialogue, sources: [] }, (part) => cutAt(part, happening.shownS));
    case "lost":
      return changed({ ...dialogue, sources: [] }, (part) => settled(cutAt(part, happening.shownS)));
    case "answered":
      return happening.complete ? dialogue : answered(dialogue, happening.text);
    case "cited":
      return cited(dialogue, happening.sources);
    case "forgotten":
      return { ...EMPTY, lastId: dialogue.lastId };
  }
}

/** What of it stands on the page while `shownS` is heard: no word of the avatar's before it is said. */
export function rows({ parts }: Dialogue, shownS: number): Row[] {
  return parts.flatMap((part) => {
    const row = rowOf(part, shownS);
    return row.text === "" ? [] : [row];
  });
}

/**
 * The sentence of the avatar that is being said while `shownS` is heard, word by word; it stays a moment longer.
 * It is `before` itself where nothing has changed since, as between most frames.
 */
export function captionAt(dialogue: Dialogue, shownS: number, before: CaptionPart[] = []): CaptionPart[] {
  const caption = captionParts(dialogue, shownS);
  const isSame = (part: CaptionPart, i: number) => part.text === before[i]?.text && part.when === before[i].when;
  return caption.length === before.length && caption.every(isSame) ? before : caption;
}

function captionParts({ parts }: Dialogue, shownS: number): CaptionPart[] {
  const sentences = parts.flatMap((part) => (part.who === "avatar" && part.cut === null ? part.sentences : []));
  const spoken = sentences.findLast(({ startS }) => startS <= shownS);
  if (spoken === undefined || shownS >= spoken.endS + LINGER_S) return [];
  if (spoken.words === undefined) return [{ text: spoken.text, when: "past" }];
  return spoken.words.map(({ text, startS, endS }) => {
    return { text, when: shownS < startS ? "next" : shownS < endS ? "now" : "past" };
  });
}

function rowOf(part: Part, shownS: number): Row {
  const { id, who } = part;
  if (who !== "avatar") return { id, who, text: part.text, isOpen: isRecognising(part), sources: [] };
  const { cut, sentences, isEnded, sources } = part;
  if (cut !== null) return { id, who, text: cut === "" ? "" : `${cut} …`, isOpen: false, sources };
  const begun = sentences.filter(({ startS }) => startS <= shownS);
  const isOpen = !isEnded || begun.length < sentences.length || shownS < (sentences.at(-1)?.endS ?? 0);
  return { id, who, text: joined(begun.map(({ text }) => text)), isOpen, sources };
}

/** Whether the visitor's words are still being recognised. */
export const isHearing = ({ parts }: Dialogue): boolean => parts.some(isRecognising);

const isRecognising = (part: Part): boolean => part.who === "you" && part.turn !== null;

function added(dialogue: Dialogue, part: Yours | Avatars | Note): Dialogue {
  const id = dialogue.lastId + 1;
  return { ...dialogue, parts: [...dialogue.parts, { ...part, id }].slice(-MOST_PARTS), lastId: id };
}

/** It stands where it was written: the answer's first words may have overtaken the bridge's that it was taken. */
function typed({ parts, lastId, sources }: Dialogue, { text, since }: { text: string; since: number }): Dialogue {
  const yours: Part = { who: "you", turn: null, text, id: lastId + 1 };
  const isLater = ({ id }: Part) => id > since;
  const all = [...parts.filter((part) => !isLater(part)), yours, ...parts.filter(isLater)];
  return { parts: all.slice(-MOST_PARTS), lastId: yours.id, sources };
}

function remembered(dialogue: Dialogue, { role, text, interrupted }: PastTurn): Dialogue {
  if (role === "user") return added(dialogue, { who: "you", turn: null, text });
  if (role !== "assistant") return dialogue;
  const sentences = [{ text, startS: -Infinity, endS: -Infinity }];
  const cut = interrupted ? text : null;
  return added(dialogue, { who: "avatar", epoch: -1, utterance: -1, sentences, sources: [], isEnded: true, cut });
}

function recognised(dialogue: Dialogue, { turn, text, final }: { turn: number; text: string; final: boolean }): Dialogue {
  const at = dialogue.parts.findIndex((part) => part.who === "you" && part.turn === turn);
  const said: Yours = { who: "you", turn: final ? null : turn, text: text.trim() };
  // Of an older turn nothing more will come: turns are spoken one after the other.
  const isStale = (part: Part) => part.who === "you" && part.turn !== null && part.turn < turn - 1;
  if (at < 0) return added({ ...dialogue, parts: dialogue.parts.filter((part) => !isStale(part)) }, said);
  const parts = dialogue.parts.map((part, i) => (i === at ? { ...said, id: part.id } : part));
  return { ...dialogue, parts: parts.filter((part) => part.who !== "you" || part.turn !== null || part.text !== "") };
}

function captioned(dialogue: Dialogue, caption: { epoch: number; utterance: number } & Sentence): Dialogue {
  const { epoch, utterance, text, startS, endS, words } = caption;
  const sentence = { text, startS, endS, ...(words && { words }) };
  const isIts = (part: Part) =>
    part.who === "avatar" && part.utterance === utterance && part.epoch === epoch && !part.isEnded;
  if (dialogue.parts.some(isIts)) {
    return changed(dialogue, (part) => (isIts(part) ? { ...part, sentences: [...part.sentences, sentence] } : part));
  }
  const part = { who: "avatar", epoch, utterance, sentences: [sentence], isEnded: false, cut: null } as const;
  return added({ ...dialogue, sources: [] }, { ...part, sources: dialogue.sources });
}

function cutAt(part: Numbered<Avatars>, shownS: number): Numbered<Avatars> {
  const endS = part.sentences.at(-1)?.endS ?? 0;
  if (part.cut !== null || (part.isEnded && shownS >= endS - TAIL_S)) return part;
  return { ...part, isEnded: true, cut: joined(part.sentences.map((each) => heardOf(each, shownS))) };
}

/** Said, whatever the time is. */
function settled(part: Numbered<Avatars>): Numbered<Avatars> {
  const sentences = part.sentences.map(({ text }) => ({ text, startS: -Infinity, endS: -Infinity }));
  return { ...part, sentences };
}

/** The words of a sentence that were over by `shownS`; where they are not told, those that had their share of its time. */
export function heardOf({ text, startS, endS, words }: Sentence, shownS: number): string {
  if (words !== undefined) return joinedWords(words.filter((word) => word.endS <= shownS));
  if (shownS >= endS - TAIL_S) return text;
  const spent = Math.max(0, Math.floor((text.length * (shownS - startS)) / (endS - startS)));
  if (!text.includes(" ")) return text.slice(0, spent);
  return text.slice(0, Math.max(0, text.slice(0, spent + 1).lastIndexOf(" ")));
}

const joinedWords = (words: readonly Timed[]): string => words.map(({ text }) => text).join("").trimEnd();

/** The bridge's word on what was heard of the last answer, which is what it remembers. */
function answered(dialogue: Dialogue, heard: string): Dialogue {
  const last = dialogue.parts.findLast((part) => part.who === "avatar");
  if (last?.who !== "avatar" || (last.isEnded && last.cut === null)) return dialogue;
  // An answer that was interrupted before its first word has no part; the last one is that of another.
  if (heard === "" && last.cut !== null) return dialogue;
  return changed(dialogue, (part) => (part.id === last.id ? { ...part, isEnded: true, cut: heard } : part));
}

function cited(dialogue: Dialogue, sources: readonly string[]): Dialogue {
  const last = dialogue.parts.findLast((part) => part.who !== "note");
  if (last?.who !== "avatar" || last.isEnded) return { ...dialogue, sources };
  return changed(dialogue, (part) => (part.id === last.id ? { ...part, sources } : part));
}

function changed(dialogue: Dialogue, change: (part: Numbered<Avatars>) => Numbered<Avatars>): Dialogue {
  return { ...dialogue, parts: dialogue.parts.map((part) => (part.who === "avatar" ? change(part) : part)) };
}

/** Sentences as one text: a blank between them, but not where the script has none. */
function joined(sentences: readonly string[]): string {
  const isAscii = (character: string | undefined) => (character ?? "").charCodeAt(0) < 128;
  return sentences.reduce((text, sentence) => {
    if (text === "" || sentence === "") return text + sentence;
    return isAscii(text.at(-1)) || isAscii(sentence[0]) ? `${text} ${sentence}` : text + sentence;
  }, "");
}
