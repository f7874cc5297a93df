import { FrameClock, MARGIN_S, type Reading } from "./clock";
import { FrameBuffer, type Pose } from "./frames";
import { Playlist } from "./playlist";
import {
  type AudioMessage,
  decode,
  type EventMessage,
  FPS,
  type Layout,
  type Message,
  SAMPLE_RATE_HZ,
  WireError,
} from "./wire";

/** What the receiver asks of the page around it. */
export interface Outputs {
  /** Play `pcm16` with its first sample at frame `contextFrame` of the audio context. */
  play(pcm16: Int16Array, contextFrame: number): void;
  /** Silence all that was given to `play`, within ten milliseconds. */
  silence(): void;
  /** Frames and the pose are laid out anew. */
  layout(layout: Layout): void;
  event(event: EventMessage): void;
  /** To the bridge: all samples before `sample` were heard. */
  played(epoch: number, sample: number): void;
}

/** Counts since the page was opened. */
export interface Counters {
  messages: number;
  frames: number;
  /** Messages of a past epoch, skipped. */
  stale: number;
  /** Messages that break the format. */
  malformed: number;
  /** Animation callbacks that found no frame as new as the time to be shown. */
  underruns: number;
  /** Stretches of speech that came too late for their place on the timeline. */
  late: number;
}

/** Speech later than this is not played after all: the listener has moved on. */
const TOO_LATE_S = 1;
/** The bridge leads by a second at most; what claims to lie further ahead is not of this timeline. */
const TOO_EARLY_S = 8;

/**
 * One client of the stream, without sockets, sound or pictures: messages and readings of the clocks go in; what is to
 * be shown, played and reported comes out.
 */
export class Receiver {
  readonly counters: Counters = { messages: 0, frames: 0, stale: 0, malformed: 0, underruns: 0, late: 0 };
  readonly playlist = new Playlist();
  /** What was wrong with the last message that broke the format; empty before one did. */
  lastFault = "";
  private clock = new FrameClock();
  private current: Layout | null = null;
  private buffer: FrameBuffer | null = null;
  private currentEpoch = 0;
  private waiting: AudioMessage[] = [];
  private isBacklog = false;
  private hadAudio = false;
  private speechEnd = -1;
  private reported = -1;
  private shownS = NaN;

  constructor(private readonly outputs: Outputs) {}

  get epoch(): number {
    return this.currentEpoch;
  }

  get layout(): Layout | null {
    return this.current;
  }

  /** The time shown last, in seconds on the subject's timeline; NaN before the first frame. */
  get shownTimeS(): number {
    return this.shownS;
  }

  /** Seconds of frames received beyond what was shown last. */
  get leadS(): number {
    return this.buffer === null ? 0 : this.buffer.newestIndex / FPS - this.shownS;
  }

  /** A new connection: the bridge may be another one, so nothing of the last is kept but the picture. */
  connected(): void {
    this.outputs.silence();
    this.playlist.clear();
    this.buffer?.clear();
    this.waiting = [];
    this.clock = new FrameClock();
    this.currentEpoch = 0;
    this.speechEnd = -1;
    this.reported = -1;
  }

  /** Take a message. One that breaks the format is counted, never thrown. */
  receive(data: ArrayBuffer, reading: Reading): void {
    this.counters.messages++;
    let message: Message | null;
    try {
      message = decode(data, this.current);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.refuse(error.message);
      return;
    }
    if (message === null) return;
    if (message.epoch < this.currentEpoch) {
      this.counters.stale++;
      return;
    }
    if (message.epoch > this.currentEpoch) this.begin(message.epoch, reading);
    this.take(message, reading);
  }

  /** The motion to show now, into `pose`; it stays as it is while nothing is due. */
  show(reading: Reading, pose: Pose): void {
    if (this.buffer === null) return;
    const timeS = this.advance(reading);
    this.placeWaiting(reading);
    const shown = this.buffer.sample(timeS, pose);
    this.shownS = shown.timeS;
    if (shown.held) this.counters.underruns++;
  }

  /** Tell the bridge what has been heard, if that is news. To be called ten times a second. */
  report(reading: Reading): void {
    if (reading.audio === null) return;
    const { heardS } = reading.audio;
    const heard = this.playlist.heardAt(heardS);
    const sample = Number.isNaN(heard) ? this.playlist.finishedAt(heardS) : Math.floor(heard);
    if (sample > this.reported) {
      this.reported = sample;
      this.outputs.played(this.currentEpoch, sample);
    }
    this.playlist.prune(heardS);
  }

  private refuse(fault: string): void {
    this.counters.malformed++;
    this.lastFault = fault;
  }

  private begin(epoch: number, reading: Reading): void {
    this.report(reading);
    this.outputs.silence();
    this.playlist.clear();
    this.buffer?.clear();
    this.waiting = [];
    this.speechEnd = -1;
    this.currentEpoch = epoch;
  }

  private take(message: Message, reading: Reading): void {
    switch (message.type) {
      case "layout":
        this.laidOut(message.layout, reading);
        break;
      case "frames":
        this.counters.frames += message.count;
        this.buffer?.put(message);
        this.observe(message.firstIndex + message.count - 1, reading);
        break;
      case "audio":
        if (this.current !== null) this.takeSpeech(message, reading);
        break;
      case "event":
        this.outputs.event(message);
    }
  }

  private takeSpeech(message: AudioMessage, reading: Reading): void {
    if (message.startSample / SAMPLE_RATE_HZ - this.advance(reading) > TOO_EARLY_S) {
      this.refuse("speech lies further ahead than the bridge ever sends it");
      return;
    }
    this.speechEnd = Math.max(this.speechEnd, message.startSample + message.pcm16.length);
    this.waiting.push(message);
    this.placeWaiting(reading);
  }

  private laidOut(layout: Layout, reading: Reading): void {
    // A tuned rig sends its layout anew: what its frames are made of is the same, so those received stay good.
    if (this.buffer === null || this.current === null || !isSameForm(layout, this.current)) {
      this.buffer = new FrameBuffer(layout);
    }
    this.current = layout;
    this.clock.anchor(reading, layout.dueIndex);
    this.advance(reading);
    this.outputs.layout(layout);
  }

  /** Whether speech is being heard, or is placed to be. */
  isPlaying({ audio }: Reading): boolean {
    return audio !== null && this.playlist.isPlaying(audio.heardS);
  }

  private advance(reading: Reading): number {
    const hasAudio = reading.audio !== null;
    if (this.hadAudio && !hasAudio) {
      // What the output has not played would come out of it at another time, should it go on.
      this.outputs.silence();
      this.playlist.clear();
    }
    this.hadAudio = hasAudio;
    return this.clock.advance(reading, this.isPlaying(reading));
  }

  private observe(newestIndex: number, reading: Reading): void {
    // Frames of speech, and those that follow it at once, are sent earlier than idle ones.
    const isSpeech = newestIndex / FPS < this.speechEnd / SAMPLE_RATE_HZ + 2;
    if (!isSpeech) this.clock.observe(reading, newestIndex);
  }

  /** Place the speech that has come; what came before audio ran begins in its middle, where it is now due. */
  private placeWaiting(reading: Reading): void {
    if (this.waiting.length === 0) return;
    if (reading.audio === null) {
      const passed = this.advance(reading) * SAMPLE_RATE_HZ;
      this.waiting = this.waiting.filter((m) => m.startSample + m.pcm16.length > passed);
      this.isBacklog = true;
      return;
    }
    for (const message of this.waiting) this.place(message, reading, this.isBacklog);
    this.waiting = [];
    this.isBacklog = false;
  }

  private place(message: AudioMessage, reading: Reading, isBacklog: boolean): void {
    const end = this.playlist.endSample;
    if (message.startSample < end) {
      this.placeOvertaken(message, reading);
      return;
    }
    let first = 0;
    const room = this.playlist.endFrame / SAMPLE_RATE_HZ - reading.audio!.renderS;
    const follows = message.startSample === end && room >= MARGIN_S;
    if (!follows) {
      const lateS = this.clock.lateness(reading, message.startSample);
      if (isBacklog || lateS > TOO_LATE_S) first = Math.max(0, Math.ceil(lateS * SAMPLE_RATE_HZ));
      else if (lateS > 0) this.counters.late++;
    }
    if (first >= message.pcm16.length) return;
    this.put(message, first, follows ? this.playlist.endFrame : this.clock.place(reading, message.startSample + first));
  }

  /** Speech that later speech has overtaken goes where that says, as far as it still can. */
  private placeOvertaken(message: AudioMessage, reading: Reading): void {
    const { startSample, pcm16 } = message;
    if (this.playlist.holds(startSample, pcm16.length)) return;
    const frame = this.playlist.frameFor(startSample);
    const free = Math.ceil((reading.audio!.renderS + MARGIN_S) * SAMPLE_RATE_HZ);
    const first = Math.min(pcm16.length, Math.max(0, free - frame));
    if (first > 0) this.counters.late++;
    if (first < pcm16.length) this.put(message, first, frame + first);
  }

  /** Hand on all but the `first` samples, to be played from frame `contextFrame` on. */
  private put({ startSample, pcm16 }: AudioMessage, first: number, contextFrame: number): void {
    this.playlist.add(contextFrame, startSample + first, pcm16.length - first);
    this.outputs.play(pcm16.subarray(first), contextFrame);
  }
}

function isSameForm(a: Layout, b: Layout): boolean {
  const form = ({ curves, bones, curveMin, curveMax, axes }: Layout): string =>
    JSON.stringify([curves, bones, curveMin, curveMax, axes]);
  return form(a) === form(b);
}
