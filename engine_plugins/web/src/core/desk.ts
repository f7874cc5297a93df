import type { ChangedMessage, Control, FromServer, Path, SetMessage, StateMessage, Value } from "./control.generated";

/** What the bridge has told, all but the values. */
export type DeskState = Omit<StateMessage, "type" | "schema" | "values">;

interface Wish {
  readonly value: Value;
  /** How many sets of this path the bridge has not answered yet. */
  unanswered: number;
}

/**
 * What a designer has before them, as the bridge tells it and as their own hand moves it. A value that is being moved
 * stays under the hand until the bridge has answered the last move: echoes of earlier ones would make it tremble.
 */
export class Desk {
  schema: readonly Control[] = [];
  private told: DeskState | null = null;
  private values = new Map<Path, Value>();
  private readonly wishes = new Map<Path, Wish>();
  private readonly sent = new Map<number, Path>();
  private lastId = 0;

  /** Null until the bridge has told it. */
  get state(): DeskState | null {
    return this.told;
  }

  /** The paths there are, in the bridge's order. */
  get paths(): Iterable<Path> {
    return this.values.keys();
  }

  value(path: Path): Value {
    const wish = this.wishes.get(path);
    return wish === undefined ? (this.values.get(path) ?? null) : wish.value;
  }

  /** The hand moves a value: the message to send. */
  set(path: Path, value: Value): SetMessage {
    const id = ++this.lastId;
    this.sent.set(id, path);
    this.wishes.set(path, { value, unanswered: (this.wishes.get(path)?.unanswered ?? 0) + 1 });
    return { type: "set", path, value, id };
  }

  /** A new connection: what was sent on the last is not answered any more. */
  connected(): void {
    this.wishes.clear();
    this.sent.clear();
  }

  /** Take a message; the sentence against it, if it is one. */
  take(message: FromServer): string | null {
    switch (message.type) {
      case "state":
        this.tell(message);
        return null;
      case "changed":
        this.change(message);
        return null;
      case "error": {
        const path = typeof message.id === "number" ? this.sent.get(message.id) : undefined;
        if (path !== undefined) this.answered(path);
        return message.error;
      }
    }
  }

  private tell({ type: _, schema, values, ...state }: StateMessage): void {
    this.told = state;
    if (schema === null || values === null) return;
    // All is told anew where this client has fallen behind: the answers to what it sent are lost.
    this.connected();
    this.schema = schema;
    this.values = new Map(Object.entries(values) as [Path, Value][]);
  }

  private change({ path, value, by }: ChangedMessage): void {
    this.values.set(path, value);
    if (by === this.told?.you) this.answered(path);
  }

  private answered(path: Path): void {
    const wish = this.wishes.get(path);
    if (wish === undefined) return;
    wish.unanswered--;
    if (wish.unanswered > 0) return;
    this.wishes.delete(path);
    for (const [id, sentPath] of this.sent) if (sentPath === path) this.sent.delete(id);
  }
}

/** The row of the schema that `path` belongs to. */
export function controlOf(schema: readonly Control[], path: string): Control | undefined {
  return schema.find((control) => {
    const [head, tail] = control.path.split("*");
    if (tail === undefined) return path === control.path;
    return path.startsWith(head!) && path.endsWith(tail) && path.length > head!.length + tail.length;
  });
}
