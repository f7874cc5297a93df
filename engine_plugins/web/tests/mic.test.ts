import { describe, expect, it } from "vitest";
import { fromMic } from "../src/core/mic";
import { type Signs, statusOf } from "../src/core/status";

describe("a message of the microphone's socket", () => {
  it.each([
    { type: "turn", state: "listening" },
    { type: "transcript", turn: 3, text: "hello", final: true },
    { type: "answered", text: "Hello.", complete: false },
    { type: "problem", text: "The recogniser is too slow." },
    { type: "look" },
  ])("is read: $type", (message) => {
    expect(fromMic(JSON.stringify(message))).toEqual(message);
  });

  it.each(['{"type":"act","name":"nod"}', '{"type":"turn","state":"asleep"}', '{"type":"transcript","text":"no turn"}', "[]", "null", "{"])(
    "is passed over if this page has no use for it: %s",
    (data) => {
      expect(fromMic(data)).toBeNull();
    },
  );
});

describe("the status", () => {
  const quiet: Signs = { isConnected: true, isAudible: false, session: "idle", turn: null, isHearing: false };
  const status = (signs: Partial<Signs>) => statusOf({ ...quiet, ...signs });

  it("without a microphone is the session's, as it is heard", () => {
    expect(status({})).toBe("idle");
    expect(status({ session: "thinking" })).toBe("thinking");
    expect(status({ session: "speaking" })).toBe("thinking");
    expect(status({ session: "speaking", isAudible: true })).toBe("speaking");
    expect(status({ session: "speaking", isAudible: true, isConnected: false })).toBe("connecting");
  });

  it("with a microphone tells who has the word", () => {
    expect(status({ turn: "idle" })).toBe("idle");
    expect(status({ turn: "listening" })).toBe("listening");
    expect(status({ turn: "listening", isHearing: true })).toBe("hearing");
    expect(status({ turn: "thinking", isHearing: true })).toBe("thinking");
    expect(status({ turn: "speaking", isAudible: true, session: "speaking" })).toBe("speaking");
    expect(status({ turn: "interrupted", isAudible: true, isHearing: true })).toBe("interrupted");
  });
});
