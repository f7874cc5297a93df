import type { Turn } from "./mic";

/** What the character is doing, for a person to read. */
export type Status = "connecting" | "idle" | "listening" | "hearing" | "thinking" | "speaking" | "interrupted";

/** What a page knows of it. */
export interface Signs {
  readonly isConnected: boolean;
  /** Whether speech comes out of the loudspeaker now. */
  readonly isAudible: boolean;
  /** The subject's state, as the stream tells it. */
  readonly session: string;
  /** The turn, as the microphone's socket tells it; null without a microphone. */
  readonly turn: Turn | null;
  /** Whether words of the visitor are being recognised. */
  readonly isHearing: boolean;
}

/** Events come ahead of the sound; what is shown goes by what is heard. */
export function statusOf({ isConnected, isAudible, session, turn, isHearing }: Signs): Status {
  if (!isConnected) return "connecting";
  if (turn === "interrupted") return "interrupted";
  if (isAudible) return "speaking";
  if (isHearing && turn !== "thinking") return "hearing";
  if (session !== "idle" || turn === "thinking" || turn === "speaking") return "thinking";
  return turn === "listening" ? "listening" : "idle";
}
