/** The server's answer to a request it refused: one sentence for a person. */
export class ApiError extends Error {
  override readonly name = "ApiError";
}

export interface State {
  readonly greeting: { readonly text: string; readonly lang: string } | null;
}

export interface SayRequest {
  readonly text: string;
  readonly subject: string;
  readonly lang?: string;
  readonly interrupt?: boolean;
}

export const say = (request: SayRequest): Promise<unknown> => send("POST", "/api/say", request);

export const stop = (subject: string): Promise<unknown> => send("POST", "/api/stop", { subject });

export async function state(subject: string): Promise<State> {
  const fields = await send("GET", `/api/state?${new URLSearchParams({ subject })}`);
  const greeting = isObject(fields) ? fields["greeting"] : null;
  if (!isObject(greeting) || typeof greeting["text"] !== "string") return { greeting: null };
  const lang = greeting["lang"];
  return { greeting: { text: greeting["text"], lang: typeof lang === "string" ? lang : "en" } };
}

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
    throw new ApiError("The bridge does not answer. Is it still running?");
  }
  const fields: unknown = await response.json().catch(() => null);
  if (response.ok) return fields;
  const sentence = isObject(fields) ? fields["error"] : null;
  throw new ApiError(typeof sentence === "string" ? sentence : `The bridge answered ${response.status}.`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
