import type { FromClient, FromServer } from "../core/control.generated";
import { TextSocket } from "./socket";

export interface ControlHandlers {
  opened(): void;
  message(message: FromServer): void;
  /** The connection ended or could not be made; another attempt follows. `reason` is a sentence or nothing. */
  lost(reason: string): void;
}

/** The connection to `/ws/control`. It comes back by itself until `close`. */
export class ControlSocket {
  private readonly socket: TextSocket;

  constructor(query: Record<string, string>, handlers: ControlHandlers) {
    this.socket = new TextSocket("/ws/control", query, {
      opened: () => handlers.opened(),
      // The bridge's own messages, of the types made from its schema.
      message: (data) => handlers.message(JSON.parse(data) as FromServer),
      lost: (reason) => handlers.lost(reason),
    });
  }

  send(message: FromClient): void {
    this.socket.send(message);
  }

  close(): void {
    this.socket.close();
  }
}
