/** What can be wrong. A sentence stands until its own cause is mended, or a person has read it. */
export type Cause =
  /** There is nothing to draw with. */
  | "picture"
  /** The avatar's file. */
  | "avatar"
  /** The bridge does not let the page in. */
  | "stream"
  /** The bridge does not answer. */
  | "bridge"
  /** What was asked for last. */
  | "request";

export interface Problem {
  readonly cause: Cause;
  readonly sentence: string;
}

/** What is wrong now: one sentence a cause, the newest last. */
export type Problems = readonly Problem[];

/** `sentence` is what is wrong, or nothing. What is known already keeps its place, for it may be told again and again. */
export function told(problems: Problems, cause: Cause, sentence: string): Problems {
  if (problems.some((problem) => problem.cause === cause && problem.sentence === sentence)) return problems;
  const others = mended(problems, cause);
  return sentence === "" ? others : [...others, { cause, sentence }];
}

export const mended = (problems: Problems, ...causes: readonly Cause[]): Problems =>
  problems.filter(({ cause }) => !causes.includes(cause));

/** The one to show, or nothing. */
export const shown = (problems: Problems): string => problems.at(-1)?.sentence ?? "";

/** What is shown has been read; the same sentence may have come of two causes. */
export const dismissed = (problems: Problems): Problems =>
  problems.filter(({ sentence }) => sentence !== shown(problems));
