import { describe, expect, it } from "vitest";
import type { ChangedMessage, Control, Path, StateMessage, Value } from "../src/core/control.generated";
import { controlOf, Desk } from "../src/core/desk";

const GAIN: Path = "rig.curves.jawOpen.gain";
const HELD: Path = "override.jawOpen";

function state(fields: Partial<StateMessage> = {}): StateMessage {
  return {
    ...{ type: "state", rev: 0, subject: "avatar", rig: "arkit", you: "control 1", state: "idle", epoch: 0 },
    ...{ emotion: "neutral", waiting_lines: 0, clients: 0, last_error: "", can_undo: false, can_redo: false },
    ...{ unsaved: false, schema: [], values: { [GAIN]: 1, [HELD]: null } },
    ...fields,
  };
}

const changed = (path: Path, value: Value, by = "control 1"): ChangedMessage => ({ type: "changed", path, value, rev: 1, by });

function desk(): Desk {
  const desk = new Desk();
  desk.take(state());
  return desk;
}

describe("a desk", () => {
  it("shows what the bridge has told", () => {
    expect(desk().value(GAIN)).toBe(1);
    expect(desk().value(HELD)).toBeNull();
    expect([...desk().paths]).toEqual([GAIN, HELD]);
  });

  it("takes what others change", () => {
    const mine = desk();
    mine.take(changed(GAIN, 1.5, "control 2"));
    expect(mine.value(GAIN)).toBe(1.5);
  });

  it("keeps a moved value under the hand until the last move is answered", () => {
    const mine = desk();
    for (const value of [1.1, 1.2, 1.3]) mine.set(GAIN, value);
    mine.take(changed(GAIN, 1.1));
    mine.take(changed(GAIN, 1.2));
    expect(mine.value(GAIN)).toBe(1.3);
    mine.take(changed(GAIN, 9, "control 2"));
    expect(mine.value(GAIN)).toBe(1.3);
    mine.take(changed(GAIN, 1.3));
    mine.take(changed(GAIN, 2, "control 2"));
    expect(mine.value(GAIN)).toBe(2);
  });

  it("goes back to what is so when a move is refused", () => {
    const mine = desk();
    const { id } = mine.set(GAIN, 99);
    expect(mine.take({ type: "error", id: id!, error: "Too much." })).toBe("Too much.");
    expect(mine.value(GAIN)).toBe(1);
  });

  it("is not shaken by a refusal of something else", () => {
    const mine = desk();
    mine.set(GAIN, 2);
    mine.take({ type: "error", id: null, error: "There is nothing to undo." });
    expect(mine.value(GAIN)).toBe(2);
  });

  it("keeps its values through a state that tells none", () => {
    const mine = desk();
    mine.take(state({ state: "speaking", schema: null, values: null }));
    expect(mine.state?.state).toBe("speaking");
    expect(mine.value(GAIN)).toBe(1);
  });

  it("forgets its wishes when all is told anew", () => {
    const mine = desk();
    mine.set(GAIN, 2);
    mine.take(state({ values: { [GAIN]: 1.7 } }));
    expect(mine.value(GAIN)).toBe(1.7);
  });
});

const control = (path: string): Control => ({
  ...{ path, kind: "number", unit: "", label: "", default: 0, min: 0, max: 1, choices: [], nullable: false, names: [] },
});

it.each([
  ["rig.curves.jawOpen.gain", "rig.curves.*.gain"],
  ["rig.curves.mouth.smile L.min", "rig.curves.*.min"],
  ["override.jawOpen", "override.*"],
  ["emotion.name", "emotion.name"],
  ["rig.curves..gain", undefined],
  ["gaze", undefined],
])("%s belongs to %s", (path, expected) => {
  const schema = ["rig.curves.*.gain", "rig.curves.*.min", "override.*", "emotion.name"].map(control);
  expect(controlOf(schema, path)?.path).toBe(expected);
});
