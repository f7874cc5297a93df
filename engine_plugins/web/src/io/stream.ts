import { backoffMs } from "../core/backoff";

/** Frames are always sent, so a connection silent this long is dead though it may not say so. */
const SILENT_MS = 5000;
/** Policy violation (RFC 6455, 7.4.1): with it come the bridge's own sentences, with others words of its libraries. */
const REFUSED = 1008;

export interface StreamHandlers {
  opened(): void;
  message(data: ArrayBuffer): void;
  /** The connection ended or could not be made; another attempt follows. `reason` is a sentence or nothing. */
  lost(reason: string): void;
}

/** A WebSocket that comes back by itself, for as long as the page lives. */
export class Stream {
  private socket: WebSocket | null = null;
  private attempt = 0;
  private watchdog: ReturnType<typeof setTimeout> | undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly url: string,
    private readonly handlers: StreamHandlers,
  ) {
    this.connect();
    // A page left behind may be kept for the way back, its connection too: it would stay the one that is heard.
    addEventListener("pagehide", () => this.close());
    addEventListener("pageshow", ({ persisted }) => persisted && this.connect());
  }

  send(text: string): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(text);
  }

  private connect(): void {
    const socket = new WebSocket(this.url);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.watch(socket);
    socket.onopen = () => this.handlers.opened();
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (!(data instanceof ArrayBuffer)) return;
      this.attempt = 0;
      this.watch(socket);
      this.handlers.message(data);
    };
    socket.onclose = ({ code, reason }) => this.ended(socket, code === REFUSED ? reason : "");
  }

  private watch(socket: WebSocket): void {
    clearTimeout(this.watchdog);
    // The browser may take minutes to close a socket whose peer is gone, so this does not wait for it.
    this.watchdog = setTimeout(() => this.ended(socket, ""), SILENT_MS);
  }

  private ended(socket: WebSocket, reason: string): void {
    if (socket !== this.socket) return;
    this.close();
    this.handlers.lost(reason);
    this.retry = setTimeout(() => this.connect(), backoffMs(this.attempt++, Math.random()));
  }

  private close(): void {
    clearTimeout(this.watchdog);
    clearTimeout(this.retry);
    const { socket } = this;
    if (socket === null) return;
    this.socket = null;
    socket.onmessage = socket.onclose = socket.onopen = null;
    socket.close();
  }
}

/** The address of the stream on the server this page came from. */
export function streamUrl(query: Record<string, string>): string {
  const url = new URL("/ws/stream", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.search = new URLSearchParams(query).toString();
  return url.href;
}
