import { type FromMic, fromMic, type ToMic } from "../core/mic";
import { loudness } from "../core/pcm";
import { look } from "./camera";
import { DeviceError } from "./device";
import { Microphone } from "./microphone";
import { TextSocket } from "./socket";

export interface ConversationHandlers {
  message(message: FromMic): void;
  /** How loud the microphone is now: the root mean square, 0..1. */
  loudness(value: number): void;
  /** What is wrong, in one sentence. */
  problem(sentence: string): void;
  /** The connection is down; another attempt follows. `reason` is a sentence or nothing. */
  lost(reason: string): void;
  /** The microphone is gone for good. */
  ended(): void;
}

const GONE = "The microphone was taken away; press its button once it is back.";

/** A microphone and its connection to `/ws/mic`, which comes back by itself until `close`. */
export class Conversation {
  /** Whether the visitor lets the avatar look through the camera. */
  mayLook = false;
  private microphone: Microphone | null = null;
  private socket: TextSocket | null = null;
  private isWanted = false;

  constructor(
    private readonly query: { readonly subject: string; readonly visitor: string },
    private readonly handlers: ConversationHandlers,
  ) {}

  /** Ask for the microphone and connect. Said again, after a gesture, it lets sound in. Raises DeviceError. */
  async open(): Promise<void> {
    this.microphone?.resume();
    if (this.isWanted) return;
    this.isWanted = true;
    try {
      const microphone = await Microphone.open({
        piece: (pcm) => {
          this.handlers.loudness(loudness(pcm));
          this.socket?.stream(pcm.buffer);
        },
        ended: () => {
          this.close();
          this.handlers.problem(GONE);
          this.handlers.ended();
        },
      });
      // The button was pressed again while the browser asked.
      if (!this.isWanted) microphone.close();
      else this.connect(microphone);
    } catch (error) {
      this.isWanted = false;
      throw error;
    }
  }

  /** Whether sound comes in, as far as the browser says. */
  get isRunning(): boolean {
    return this.microphone?.isRunning ?? false;
  }

  send(message: ToMic): void {
    this.socket?.send(message);
  }

  close(): void {
    this.isWanted = false;
    this.microphone?.close();
    this.socket?.close();
    this.microphone = this.socket = null;
  }

  private connect(microphone: Microphone): void {
    this.microphone = microphone;
    this.socket = new TextSocket(
      "/ws/mic",
      { ...this.query, sample_rate_hz: String(microphone.rateHz) },
      {
        opened: () => {},
        message: (data) => this.told(fromMic(data)),
        lost: (reason) => this.handlers.lost(reason),
      },
    );
  }

  private told(message: FromMic | null): void {
    if (message === null) return;
    this.handlers.message(message);
    if (message.type === "look") void this.show();
  }

  private async show(): Promise<void> {
    let jpeg = "";
    try {
      if (this.mayLook) jpeg = await look();
    } catch (error) {
      this.handlers.problem(error instanceof DeviceError ? error.message : "The camera gave no picture.");
    }
    this.send({ type: "picture", jpeg });
  }
}
