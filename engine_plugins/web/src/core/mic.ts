const TURNS = ["idle", "listening", "thinking", "speaking", "interrupted"] as const;

/** What the conversation is doing, as the bridge's turn taking sees it. */
export type Turn = (typeof TURNS)[number];

/** What comes down `/ws/mic`. */
export type FromMic =
  | { readonly type: "turn"; readonly state: Turn }
  | { readonly type: "transcript"; readonly turn: number; readonly text: string; readonly final: boolean }
  | { readonly type: "answered"; readonly text: string; readonly complete: boolean }
  | { readonly type: "problem"; readonly text: string }
  | { readonly type: "look" };

/** What goes up beside the sound. `jpeg` is base64; empty where the visitor does not want to be seen. */
export type ToMic = { readonly type: "press" | "release" } | { readonly type: "picture"; readonly jpeg: string };

/** A message of `/ws/mic`, or null for what this page has no use for. */
export function fromMic(data: string): FromMic | null {
  const { type, state, turn, text, final, complete } = fieldsOf(data);
  if (type === "turn") return isTurn(state) ? { type, state } : null;
  if (type === "look") return { type };
  if (typeof text !== "string") return null;
  if (type === "problem") return { type, text };
  if (type === "answered") return { type, text, complete: complete === true };
  if (type === "transcript" && typeof turn === "number") return { type, turn, text, final: final === true };
  return null;
}

const isTurn = (state: unknown): state is Turn => (TURNS as readonly unknown[]).includes(state);

function fieldsOf(data: string): Record<string, unknown> {
  try {
    const fields: unknown = JSON.parse(data);
    return typeof fields === "object" && fields !== null ? (fields as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
