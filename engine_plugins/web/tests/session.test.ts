import { describe, expect, test } from "vitest";
import { Session } from "../src/core/session";

describe("a session", () => {
  test("is what the bridge answers when a page comes back, not what it was before", () => {
    const session = new Session();
    session.told("speaking");
    const answered = session.connected();
    expect(session.state).toBe("idle");
    answered("thinking");
    expect(session.state).toBe("thinking");
  });

  test("an event is newer than an answer that comes after it", () => {
    const session = new Session();
    const answered = session.connected();
    session.told("speaking");
    answered("idle");
    expect(session.state).toBe("speaking");
  });

  test("an answer to an earlier connection counts no more", () => {
    const session = new Session();
    const late = session.connected();
    session.connected()("idle");
    late("speaking");
    expect(session.state).toBe("idle");
  });
});
