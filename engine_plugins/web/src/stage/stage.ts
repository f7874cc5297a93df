import type { Avatar } from "../avatar/avatar";
import { loadAvatar } from "../avatar/load";
import { newPose, type Pose } from "../core/frames";
import type { Cause } from "../core/problems";
import { Receiver } from "../core/receiver";
import { encodePlayed, type EventMessage, FPS, type Layout, SAMPLE_RATE_HZ } from "../core/wire";
import { Speaker } from "../io/speaker";
import { Stream, streamUrl } from "../io/stream";
import { type StageOptions, streamQuery } from "./options";
import { type Probe, type Rotation, SampleRing } from "./probe";
import { View } from "./view";

const REPORT_MS = 100;
const RETRY_AVATAR_MS = 3000;
/** After a pause (a hidden tab) hair and cloth go on from where they were, not by one giant step. */
const LONGEST_STEP_S = 0.1;

export interface StageHandlers {
  connected(isConnected: boolean): void;
  event(event: EventMessage): void;
  /** What is wrong with a part of it, or nothing once it works. What stays wrong is told again and again. */
  trouble(cause: Extract<Cause, "picture" | "avatar" | "stream">, sentence: string): void;
}

/** A character on a page: the stream comes in, it is heard and seen. Lives as long as the page. */
export class Stage {
  readonly speaker = new Speaker();
  private readonly receiver: Receiver;
  private readonly view: View | null;
  private readonly stream: Stream;
  private readonly ring = new SampleRing();
  private avatar: Avatar | null = null;
  private pose: Pose | null = null;
  private isConnected = false;
  private isPrimary = false;
  private lastS = NaN;
  private isHeld = false;
  private hasWarned = false;

  constructor(
    host: HTMLElement,
    private readonly options: StageOptions,
    private readonly handlers: StageHandlers,
  ) {
    // The file is on its way while the graphics start, which takes seconds where they are done in software.
    void this.load();
    this.view = options.isRendered ? this.opened(host) : null;
    this.receiver = new Receiver({
      play: (pcm16, contextFrame) => this.speaker.play(pcm16, contextFrame),
      silence: () => this.speaker.silence(),
      layout: (layout) => this.laidOut(layout),
      event: (event) => this.happened(event),
      played: (epoch, sample) => {
        if (this.isPrimary) this.stream.send(encodePlayed(epoch, sample));
      },
    });
    this.stream = new Stream(streamUrl(streamQuery(options)), {
      opened: () => this.receiver.connected(),
      message: (data) => this.receiver.receive(data, this.speaker.reading()),
      lost: (reason) => {
        if (reason !== "") this.handlers.trouble("stream", reason);
        this.setConnected(false);
      },
    });
    setInterval(() => this.report(), REPORT_MS);
    requestAnimationFrame(this.animate);
  }

  /** Whether sound may come out without a gesture is the browser's choice; resolves when it does. */
  async start(): Promise<void> {
    if (this.options.hasAudio) await this.speaker.start();
  }

  get probe(): Probe {
    const stage = this;
    return Object.freeze({
      get ready() {
        return stage.avatar !== null && !Number.isNaN(stage.receiver.shownTimeS);
      },
      get connected() {
        return stage.isConnected;
      },
      get primary() {
        return stage.isPrimary;
      },
      get audioRunning() {
        return stage.speaker.reading().audio !== null;
      },
      get audible() {
        return stage.receiver.isPlaying(stage.speaker.reading());
      },
      get avatar() {
        return stage.avatar?.kind ?? null;
      },
      get epoch() {
        return stage.receiver.epoch;
      },
      get shownS() {
        return stage.receiver.shownTimeS;
      },
      counters: () => ({ ...stage.receiver.counters }),
      samples: () => stage.ring.read(),
      curves: () => stage.curves(),
      bones: () => stage.bones(),
      present: (...args: Parameters<Probe["present"]>) => stage.present(...args),
      resume: () => {
        stage.isHeld = false;
      },
    });
  }

  private readonly animate = (): void => {
    requestAnimationFrame(this.animate);
    const reading = this.speaker.reading();
    if (this.pose !== null && !this.isHeld) this.receiver.show(reading, this.pose);
    const heard = reading.audio === null ? NaN : this.receiver.playlist.heardAt(reading.audio.heardS);
    this.ring.add(reading.nowS, this.receiver.shownTimeS, heard / SAMPLE_RATE_HZ);
    const step = Number.isNaN(this.lastS) ? 0 : Math.min(reading.nowS - this.lastS, LONGEST_STEP_S);
    this.lastS = reading.nowS;
    if (!this.isHeld && !Number.isNaN(this.receiver.shownTimeS)) this.draw(step);
  };

  private report(): void {
    this.receiver.report(this.speaker.reading());
    if (this.hasWarned || this.receiver.lastFault === "") return;
    this.hasWarned = true;
    console.warn(`A message of the bridge can't be read and is skipped, as others will be: ${this.receiver.lastFault}.`);
  }

  private draw(stepS: number): void {
    if (this.avatar === null) return;
    if (this.pose !== null) this.avatar.apply(this.pose);
    this.avatar.update(stepS);
    this.view?.render();
  }

  private present(...[curves, bones = {}]: Parameters<Probe["present"]>): void {
    const { layout } = this.receiver;
    if (layout === null || this.avatar === null) throw new Error("the stage is not ready");
    this.isHeld = true;
    const pose = newPose(layout);
    layout.curves.forEach((name, i) => (pose.curves[i] = curves[name] ?? 0));
    layout.bones.forEach((name, i) => pose.bonesXyzw.set(bones[name] ?? [0, 0, 0, 1], 4 * i));
    this.pose = pose;
    this.draw(1 / FPS);
  }

  /** The picture, or none where the browser can't draw in 3D: the voice goes on without. */
  private opened(host: HTMLElement): View | null {
    try {
      return new View(host, this.options.camera);
    } catch {
      this.handlers.trouble("picture", "This browser does not draw in 3D: WebGL is switched off or missing.");
      return null;
    }
  }

  private async load(): Promise<void> {
    try {
      const avatar = await loadAvatar(this.options.avatar);
      if (this.receiver.layout !== null) avatar.bind(this.receiver.layout);
      this.view?.show(avatar);
      this.avatar = avatar;
      this.handlers.trouble("avatar", "");
    } catch (error) {
      this.handlers.trouble("avatar", error instanceof Error ? error.message : String(error));
      // The server may have been starting; an unattended page has nobody to press reload.
      setTimeout(() => void this.load(), RETRY_AVATAR_MS);
    }
  }

  private laidOut(layout: Layout): void {
    // The last picture stays until a frame is due; a neutral one would flash, its arms stretched out.
    const { curves, bones } = layout;
    if (this.pose?.curves.length !== curves.length || this.pose.bonesXyzw.length !== 4 * bones.length) {
      this.pose = newPose(layout);
    }
    this.avatar?.bind(layout);
    this.setPrimary(layout.primary);
    this.handlers.trouble("stream", "");
    this.setConnected(true);
  }

  private happened(event: EventMessage): void {
    if (event.name === "primary") this.setPrimary(event.fields["primary"] === true);
    this.handlers.event(event);
  }

  private setPrimary(isPrimary: boolean): void {
    this.isPrimary = isPrimary;
    this.speaker.setMuted(!isPrimary);
  }

  private setConnected(isConnected: boolean): void {
    if (isConnected === this.isConnected) return;
    this.isConnected = isConnected;
    this.handlers.connected(isConnected);
  }

  private curves(): Record<string, number> {
    const names = this.receiver.layout?.curves ?? [];
    return Object.fromEntries(names.map((name, i) => [name, this.pose?.curves[i] ?? 0]));
  }

  private bones(): Record<string, Rotation> {
    const names = this.receiver.layout?.bones ?? [];
    const rotation = (at: number): Rotation =>
      [...(this.pose?.bonesXyzw.subarray(at, at + 4) ?? [0, 0, 0, 1])] as Rotation;
    return Object.fromEntries(names.map((name, i) => [name, rotation(4 * i)]));
  }
}
