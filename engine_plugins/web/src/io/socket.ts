import { backoffMs } from "../core/backoff";

export interface SocketHandlers {
  opened(): void;
  message(data: string): void;
  /** The connection ended or could not be made; another attempt follows. `reason` is a sentence or nothing. */
  lost(reason: string): void;
}

/** How much sound may wait to be sent, in bytes; what comes then is dropped, for it would be heard too late. */
const MOST_WAITING_BYTES = 64_000;

/** A WebSocket of text messages to the server this page came from. It comes back by itself until `close`. */
export class TextSocket {
  private socket: WebSocket | null = null;
  private attempt = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly path: string,
    private readonly query: Record<string, string>,
    private readonly handlers: SocketHandlers,
  ) {
    this.connect();
  }

  send(message: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  /** Send bytes that are worth nothing later: not while the connection is down or slow. */
  stream(data: ArrayBuffer): void {
    const { socket } = this;
    if (socket?.readyState === WebSocket.OPEN && socket.bufferedAmount < MOST_WAITING_BYTES) socket.send(data);
  }

  close(): void {
    clearTimeout(this.retry);
    const { socket } = this;
    this.socket = null;
    socket?.close();
  }

  private connect(): void {
    const url = new URL(this.path, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    url.search = new URLSearchParams(this.query).toString();
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.onopen = () => socket === this.socket && this.handlers.opened();
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (socket !== this.socket) return;
      this.attempt = 0;
      this.handlers.message(String(data));
    };
    socket.onclose = ({ reason }) => {
      if (socket !== this.socket) return;
      this.handlers.lost(reason);
      this.retry = setTimeout(() => this.connect(), backoffMs(this.attempt++, Math.random()));
    };
  }
}
