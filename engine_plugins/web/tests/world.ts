import { newPose } from "../src/core/frames";
import type { Reading } from "../src/core/clock";
import { Receiver } from "../src/core/receiver";
import { SAMPLE_RATE_HZ } from "../src/core/wire";
import { framesMessage, layout, layoutMessage } from "./messages";

const LEAD_FRAMES = 18;

/**
 * A bridge, a page and its loudspeaker in virtual time. The bridge sends frames 300 ms ahead, whose curve counts the
 * index; the loudspeaker keeps what was played, frame by frame of the audio context.
 */
export class World {
  nowS = 100;
  /** When the audio context began to run; null while it does not. */
  audioFromS: number | null = null;
  latencyS = 0.03;
  /** How much faster than the page's clock the audio clock runs. */
  audioRate = 1;
  /** How much faster than the page's clock the bridge's runs. */
  bridgeRate = 1;
  epoch = 0;
  private readonly startS = this.nowS;
  private sent: number;
  readonly speaker = new Map<number, number>();
  readonly played: { epoch: number; sample: number }[] = [];
  silences = 0;
  readonly pose = newPose(layout);
  readonly receiver = new Receiver({
    play: (pcm16, frame) => pcm16.forEach((value, i) => this.emit(frame + i, value)),
    silence: () => {
      this.silences++;
      for (const frame of this.speaker.keys()) if (frame >= this.renderFrame) this.speaker.delete(frame);
    },
    layout: () => {},
    event: () => {},
    played: (epoch, sample) => this.played.push({ epoch, sample }),
  });

  constructor(private readonly firstDue = 600) {
    this.sent = firstDue;
    this.receiver.connected();
    this.give(layoutMessage(firstDue));
    this.stream();
  }

  /** Seconds on the timeline due at the bridge. */
  get dueS(): number {
    return this.firstDue / 60 + (this.nowS - this.startS) * this.bridgeRate;
  }

  /** The bridge stops: a new epoch, whose frames begin with the one that is due. */
  stop(): void {
    this.epoch++;
    this.sent = Math.floor(this.dueS * 60);
    this.stream();
  }

  /** The bridge sends what may leave by now. */
  stream(): void {
    const last = Math.floor(this.dueS * 60) + LEAD_FRAMES;
    while (this.sent < last) {
      const count = Math.min(16, last - this.sent);
      const curve = Array.from({ length: count }, (_, i) => (this.sent + i) % 256);
      this.give(framesMessage(this.sent, curve, [], this.epoch));
      this.sent += count;
    }
  }

  get reading(): Reading {
    if (this.audioFromS === null) return { nowS: this.nowS, audio: null };
    const renderS = (this.nowS - this.audioFromS) * this.audioRate;
    return { nowS: this.nowS, audio: { renderS, heardS: renderS - this.latencyS } };
  }

  get renderFrame(): number {
    return Math.ceil((this.reading.audio?.renderS ?? 0) * SAMPLE_RATE_HZ);
  }

  give(data: ArrayBuffer): void {
    this.receiver.receive(data, this.reading);
  }

  /** Let time pass in animation callbacks; what each shows and hears, in seconds on the timeline. */
  pass(seconds: number, fps = 60): { shownS: number; heardS: number }[] {
    const seen: { shownS: number; heardS: number }[] = [];
    const end = this.nowS + seconds;
    for (let k = 0; this.nowS < end - 1e-9; k++) {
      this.nowS = Math.min(end, this.nowS + 1 / fps);
      this.stream();
      seen.push(this.show());
      if (k % 6 === 0) this.receiver.report(this.reading);
    }
    return seen;
  }

  show(): { shownS: number; heardS: number } {
    const { reading } = this;
    this.receiver.show(reading, this.pose);
    const heard = reading.audio === null ? NaN : this.receiver.playlist.heardAt(reading.audio.heardS);
    return { shownS: this.receiver.shownTimeS, heardS: heard / SAMPLE_RATE_HZ };
  }

  private emit(frame: number, value: number): void {
    if (frame < this.renderFrame) throw new Error(`frame ${frame} was rendered before it was placed`);
    if (this.speaker.has(frame)) throw new Error(`frame ${frame} is placed twice`);
    this.speaker.set(frame, value);
  }
}
