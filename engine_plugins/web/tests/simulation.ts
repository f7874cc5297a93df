import type { Reading } from "../src/core/clock";
import { newPose } from "../src/core/frames";
import { Receiver } from "../src/core/receiver";
import { FPS, SAMPLE_RATE_HZ } from "../src/core/wire";
import { audioMessage, framesMessage, layout, layoutMessage } from "./messages";

/** What lies between the bridge and the page, and whose clock runs how fast. */
export interface Conditions {
  readonly name: string;
  readonly minutes: number;
  readonly delayS: number;
  /** The standard deviation of each message's own delay (normal, never below zero). */
  readonly jitterS: number;
  /** The share of messages lost, each of which is sent again 200 ms later. */
  readonly loss: number;
  /** As on a WebSocket: a message that is late holds up those behind it. */
  readonly inOrder: boolean;
  /** Each half minute nothing arrives for so long. */
  readonly stallS: number;
  readonly bridgePpm: number;
  readonly devicePpm: number;
  readonly speaksWithoutPause: boolean;
  /** How much more than the truth the browser takes its output's latency for. */
  readonly mistakenLatencyS: number;
}

const PLAIN: Conditions = {
  name: "no delay",
  minutes: 3,
  delayS: 0,
  jitterS: 0,
  loss: 0,
  inOrder: true,
  stallS: 0,
  bridgePpm: 0,
  devicePpm: 0,
  speaksWithoutPause: false,
  mistakenLatencyS: 0,
};

export const conditions = (changes: Partial<Conditions>): Conditions => ({ ...PLAIN, ...changes });

const TICK_S = 1 / FPS;
const LEAD_FRAMES = 18;
const START_FRAMES = 4;
const FIRST_DUE = 600;
const SAMPLES = SAMPLE_RATE_HZ / FPS;
/** What the browser renders at once. */
const QUANTUM = 128;
const LATENCY_S = 0.03;
const WRAP = 60000;
const LOG_FRAMES = 1 << 18;
const SENT_AGAIN_S = 0.2;
const STALL_EVERY_S = 30;
const RECOVERY_S = 3;

/**
 * The bridge, a network, a page and its loudspeaker on a virtual clock, seeded. What is measured is taken from the ends:
 * the time shown from the pose's own curve, which counts frames, and the time heard from the samples that were placed,
 * which count too, where the loudspeaker then is. Nothing asks the receiver what it believes.
 */
export class Simulation {
  readonly errorsMs: number[] = [];
  readonly settledMs: number[] = [];
  /** Times that speech was heard and the face of silence shown. */
  misfits = 0;
  readonly receiver: Receiver;
  private readonly pose = newPose(layout);
  private readonly placed = new Int32Array(LOG_FRAMES);
  private readonly places = new Float64Array(LOG_FRAMES).fill(-1);
  private network: { arrivesS: number; data: ArrayBuffer }[] = [];
  private seed = 7;
  private nowS = 0;
  private sent = FIRST_DUE;
  private speechStart = -1;
  private speechEnd = -1;
  /** Frames between this utterance and the next: half a second to nearly four. */
  private pause = 30;
  private lastArrivalS = 0;
  private lastStallS = -Infinity;

  constructor(private readonly c: Conditions) {
    this.receiver = new Receiver({
      play: (pcm16, frame) => pcm16.forEach((value, i) => this.put(frame + i, value)),
      silence: () => {},
      layout: () => {},
      event: () => {},
      played: () => {},
    });
    this.receiver.connected();
  }

  run(): this {
    this.send(layoutMessage(this.due));
    let nextBridgeS = 0;
    let nextShowS = 0.005;
    const endS = 60 * this.c.minutes;
    while (this.nowS < endS) {
      this.nowS = Math.min(nextBridgeS, nextShowS);
      if (nextBridgeS <= nextShowS) {
        this.bridge();
        nextBridgeS += TICK_S;
      } else {
        this.show();
        nextShowS += TICK_S + 0.003 * (this.random() - 0.5);
      }
    }
    return this;
  }

  /** Lehmer's generator (Park and Miller 1988): the same run each time. */
  private random(): number {
    this.seed = (this.seed * 48271) % 2147483647;
    return this.seed / 2147483647;
  }

  private get due(): number {
    return FIRST_DUE + Math.floor(this.nowS * (1 + this.c.bridgePpm * 1e-6) * FPS);
  }

  /** The device's clock: seconds since it began. */
  private get deviceS(): number {
    return this.nowS * (1 + this.c.devicePpm * 1e-6);
  }

  private get reading(): Reading {
    const renderS = (Math.ceil((this.deviceS * SAMPLE_RATE_HZ) / QUANTUM) * QUANTUM) / SAMPLE_RATE_HZ;
    const heardS = this.deviceS - LATENCY_S - this.c.mistakenLatencyS;
    return { nowS: this.nowS, audio: { renderS, heardS } };
  }

  private bridge(): void {
    const { due } = this;
    if (due > this.speechEnd + this.pause) {
      this.speechStart = Math.max(due + START_FRAMES, this.speechEnd);
      const length = this.c.speaksWithoutPause ? 2 ** 30 : 60 + Math.floor(540 * this.random());
      this.speechEnd = this.speechStart + length;
      this.pause = 30 + 190 * this.random();
      this.sent = Math.min(this.sent, this.speechStart);
    }
    const last = due + LEAD_FRAMES;
    while (this.sent < last) {
      const isSpeech = this.sent >= this.speechStart && this.sent < this.speechEnd;
      const until = this.sent < this.speechStart ? this.speechStart : isSpeech ? this.speechEnd : last;
      const count = Math.min(16, Math.min(last, until) - this.sent);
      if (isSpeech) this.send(audioMessage(this.sent * SAMPLES, this.speech(this.sent * SAMPLES, count * SAMPLES)));
      const jaw = Array.from({ length: count }, (_, i) => (this.sent + i) % 256);
      this.send(framesMessage(this.sent, jaw, Array<number>(count).fill(isSpeech ? 0.5 : 0)));
      this.sent += count;
    }
  }

  private speech(start: number, count: number): number[] {
    return Array.from({ length: count }, (_, i) => ((start + i) % WRAP) - WRAP / 2);
  }

  private send(data: ArrayBuffer): void {
    const { delayS, jitterS, loss, stallS, inOrder } = this.c;
    const normal = Math.sqrt(-2 * Math.log(1 - this.random())) * Math.cos(2 * Math.PI * this.random());
    let arrivesS = this.nowS + Math.max(0, delayS + jitterS * normal);
    if (this.random() < loss) arrivesS += SENT_AGAIN_S;
    const sinceStall = arrivesS % STALL_EVERY_S;
    if (arrivesS > STALL_EVERY_S && sinceStall < stallS) arrivesS += stallS - sinceStall;
    if (inOrder) arrivesS = Math.max(arrivesS, this.lastArrivalS);
    this.lastArrivalS = arrivesS;
    this.network.push({ arrivesS, data });
  }

  private show(): void {
    if (this.c.stallS > 0 && this.nowS > STALL_EVERY_S && this.nowS % STALL_EVERY_S < this.c.stallS) this.lastStallS = this.nowS;
    // A stable sort: what arrives at once arrives in the order it was sent in.
    this.network.sort((a, b) => a.arrivesS - b.arrivesS);
    const arrived = this.network.filter((message) => message.arrivesS <= this.nowS);
    this.network = this.network.slice(arrived.length);
    for (const { data } of arrived) this.receiver.receive(data, this.reading);
    this.receiver.show(this.reading, this.pose);
    this.measure();
  }

  private measure(): void {
    const shownS = this.shownS();
    const heardS = this.heardS(shownS);
    if (Number.isNaN(shownS) || Number.isNaN(heardS)) return;
    this.errorsMs.push(1000 * (shownS - heardS));
    if (this.nowS - this.lastStallS > RECOVERY_S) this.settledMs.push(1000 * (shownS - heardS));
    if (this.pose.bonesXyzw[1] === 0) this.misfits++;
  }

  /** The time that the pose on show belongs to, from its own counting curve. */
  private shownS(): number {
    const position = this.receiver.shownTimeS * FPS;
    if (Number.isNaN(position) || position % 256 >= 254.9) return NaN;
    return (Math.floor(position / 256) * 256 + 255 * this.pose.curves[0]!) / FPS;
  }

  /** The time that the sample now in the loudspeaker belongs to, from its value; NaN in silence. */
  private heardS(nearS: number): number {
    const frame = (this.deviceS - LATENCY_S) * SAMPLE_RATE_HZ;
    const whole = Math.floor(frame);
    if (whole < 0 || Number.isNaN(nearS) || this.places[whole % LOG_FRAMES] !== whole) return NaN;
    const sample = this.placed[whole % LOG_FRAMES]! + WRAP / 2 + frame - whole;
    return (sample + Math.round((nearS * SAMPLE_RATE_HZ - sample) / WRAP) * WRAP) / SAMPLE_RATE_HZ;
  }

  /** A sample placed at a frame of the context. What is rendered already is not heard. */
  private put(frame: number, value: number): void {
    if (frame < this.reading.audio!.renderS * SAMPLE_RATE_HZ) return;
    this.placed[frame % LOG_FRAMES] = value;
    this.places[frame % LOG_FRAMES] = frame;
  }
}
