/** What the address of a page asks for. */
export interface StageOptions {
  /** A .glb or .vrm. */
  readonly avatar: string;
  readonly subject: string;
  readonly camera: "face" | "bust";
  /** CSS: a colour, or the address of a picture; null for the page's own. */
  readonly background: string | null;
  readonly hasAudio: boolean;
  /** Whether the microphone opens with the page: for kiosks. */
  readonly hasMicrophone: boolean;
  readonly isPrimary: boolean;
  /** Off to measure what everything but drawing costs. */
  readonly isRendered: boolean;
}

/** The rig of the page's own stream. */
export const PAGE_RIG = "arkit";

export function stageOptions(query: URLSearchParams): StageOptions {
  return {
    avatar: query.get("avatar") ?? "/avatar/default.glb",
    subject: query.get("subject") ?? "avatar",
    camera: query.get("camera") === "face" ? "face" : "bust",
    background: query.get("background"),
    hasAudio: query.get("audio") !== "0",
    hasMicrophone: query.get("mic") === "1",
    isPrimary: query.get("primary") === "1",
    isRendered: query.get("render") !== "0",
  };
}

/** The query of the stream that these options want. */
export function streamQuery(options: StageOptions): Record<string, string> {
  const query: Record<string, string> = { subject: options.subject, rig: PAGE_RIG };
  if (!options.hasAudio) query["audio"] = "0";
  if (options.isPrimary) query["primary"] = "1";
  return query;
}
