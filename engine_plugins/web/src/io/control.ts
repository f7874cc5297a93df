import { backoffMs } from "../core/backoff";
import type { FromClient, FromServer } from "../core/control.generated";

export interface ControlHandlers {
  opened(): void;
  message(message: FromServer): void;
  /** The connection ended or could not be made; another attempt follows. `reason` is a sentence or nothing. */
  lost(reason: string): void;
}

/** The connection to `/ws/control`. It comes back by itself until `close`. */
export class ControlSocket {
  private socket: WebSocket | null = null;
  private attempt = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly query: Record<string, string>,
    private readonly handlers: ControlHandlers,
  ) {
    this.connect();
  }

  send(message: FromClient): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  close(): void {
    clearTimeout(this.retry);
    const { socket } = this;
    this.socket = null;
    socket?.close();
  }

  private connect(): void {
    const url = new URL("/ws/control", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    url.search = new URLSearchParams(this.query).toString();
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.onopen = () => this.handlers.opened();
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (socket !== this.socket) return;
      this.attempt = 0;
      // The bridge's own messages, of the types made from its schema.
      this.handlers.message(JSON.parse(String(data)) as FromServer);
    };
    socket.onclose = ({ reason }) => {
      if (socket !== this.socket) return;
      this.handlers.lost(reason);
      this.retry = setTimeout(() => this.connect(), backoffMs(this.attempt++, Math.random()));
    };
  }
}
