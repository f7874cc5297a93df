const KEY = "avatar-bridge visitor";

/** Who sits before this page: what the address says, else an id of chance that this browser keeps. */
export function visitorId(query: URLSearchParams): string {
  const named = query.get("visitor");
  if (named) return named;
  try {
    const kept = localStorage.getItem(KEY) ?? chance();
    localStorage.setItem(KEY, kept);
    return kept;
  } catch {
    return chance(); // a browser that keeps nothing: somebody new each time
  }
}

/** 128 bits; `randomUUID` is not there outside a secure context. */
function chance(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
