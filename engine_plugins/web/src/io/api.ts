import type { PastTurn } from "../core/dialogue";

/** The server's answer to a request it refused: one sentence for a person. */
export class ApiError extends Error {
  override readonly name: string = "ApiError";
}

/** There was no answer. */
export class Unreachable extends ApiError {
  override readonly name = "Unreachable";
}

export interface State {
  /** What the subject is doing, as its events say it. */
  readonly state: string;
  readonly greeting: { readonly text: string; readonly lang: string } | null;
  /** Who thinks of answers. */
  readonly mind: { readonly provider: string; readonly persona: string };
  /** Who hears, empty where nobody can, and what begins a turn: `open`, `push` or `wake`. */
  readonly hearing: { readonly provider: string; readonly mode: string };
}

/** Something that the avatar knows of a visitor. */
export interface Fact {
  readonly id: number;
  readonly kind: string;
  readonly text: string;
}

export interface Memory {
  readonly turns: readonly PastTurn[];
  readonly facts: readonly Fact[];
}

/** An avatar and who talks with it. */
export interface Pair {
  readonly subject: string;
  readonly visitor: string;
}

export interface SayRequest {
  readonly text: string;
  readonly subject: string;
  readonly lang?: string;
  readonly interrupt?: boolean;
}

export const say = (request: SayRequest): Promise<unknown> => send("POST", "/api/say", request);

export const stop = (subject: string): Promise<unknown> => send("POST", "/api/stop", { subject });

export const chat = (pair: Pair, text: string, lang: string): Promise<unknown> =>
  send("POST", "/api/chat", { ...pair, text, lang });

export async function state(subject: string): Promise<State> {
  const fields = objectOf(await send("GET", `/api/state?${new URLSearchParams({ subject })}`));
  const [greeting, mind, hearing] = [fields["greeting"], fields["mind"], fields["hearing"]].map(objectOf);
  const said = textOf(greeting?.["text"]);
  return {
    state: textOf(fields["state"]) || "idle",
    greeting: said === "" ? null : { text: said, lang: textOf(greeting?.["lang"]) || "en" },
    mind: { provider: textOf(mind?.["provider"]), persona: textOf(mind?.["persona"]) },
    hearing: { provider: textOf(hearing?.["provider"]), mode: textOf(hearing?.["mode"]) },
  };
}

/** What the avatar remembers of a visitor. */
export async function memory(pair: Pair): Promise<Memory> {
  const fields = objectOf(await send("GET", `/api/memory?${new URLSearchParams({ ...pair })}`));
  const turns = listOf(fields["turns"]).map((turn) => ({
    role: textOf(turn["role"]),
    text: textOf(turn["text"]),
    interrupted: turn["interrupted"] === true,
  }));
  const facts = listOf(fields["facts"]).map((fact) => ({
    id: Number(fact["id"]),
    kind: textOf(fact["kind"]),
    text: textOf(fact["text"]),
  }));
  return { turns, facts };
}

export const forget = (pair: Pair): Promise<unknown> => send("DELETE", "/api/memory", pair);

export const correctFact = (pair: Pair, id: number, text: string): Promise<unknown> =>
  send("PATCH", "/api/facts", { ...pair, id, text });

export const deleteFact = (pair: Pair, id: number): Promise<unknown> => send("DELETE", "/api/facts", { ...pair, id });

/** The names of the rigs there are; none where the bridge does not answer. */
export async function rigs(): Promise<string[]> {
  const fields = await send("GET", "/api/rig").catch(() => null);
  const names = isObject(fields) ? fields["rigs"] : null;
  return Array.isArray(names) ? names.map(String) : [];
}

async function send(method: string, path: string, body?: object): Promise<unknown> {
  let response: Response;
  try {
    const json = { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    response = await fetch(path, body === undefined ? { method } : json);
  } catch {
    throw new Unreachable("The bridge does not answer. Is it still running?");
  }
  const fields: unknown = await response.json().catch(() => null);
  if (response.ok) return fields;
  const sentence = isObject(fields) ? fields["error"] : null;
  throw new ApiError(typeof sentence === "string" ? sentence : `The bridge answered ${response.status}.`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const objectOf = (value: unknown): Record<string, unknown> => (isObject(value) ? value : {});

const listOf = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.filter(isObject) : []);

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
