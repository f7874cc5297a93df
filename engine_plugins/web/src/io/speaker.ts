import type { Reading } from "../core/clock";
import { SAMPLE_RATE_HZ } from "../core/wire";

/** Time constant of a fade: after ten milliseconds less than a hundredth is left. */
const FADE_S = 0.002;
const FADED_S = 0.05;
const FULL_SCALE = 32767;
/** A clock that stands still this long while it says it runs has lost its device. */
const STALL_S = 0.5;

/**
 * The page's way to the loudspeaker, and its audio clock. The context runs at the stream's own rate: then chunks laid
 * end to end join without a seam, and the browser resamples their sum once.
 */
export class Speaker {
  private context: AudioContext | null = null;
  private master: GainNode | null = null;
  private voice: GainNode | null = null;
  private readonly sources = new Set<AudioBufferSourceNode>();
  private muted = false;
  private seenS = 0;
  private seenAtS = 0;

  /** Whether sound comes out, as far as the browser says. */
  get isRunning(): boolean {
    return this.context?.state === "running";
  }

  /**
   * Ask the browser to let sound out. It agrees after a gesture, or at once where autoplay is allowed (OBS, kiosks).
   * Resolves when it has agreed; browsers leave a refused request pending.
   */
  async start(): Promise<void> {
    const context = this.open();
    if (context.state !== "running") await context.resume();
  }

  /** Both clocks at this instant. */
  reading(): Reading {
    const nowS = performance.now() / 1000;
    const { context } = this;
    if (context === null || context.state !== "running") return { nowS, audio: null };
    const renderS = context.currentTime;
    if (renderS !== this.seenS) {
      this.seenS = renderS;
      this.seenAtS = nowS;
    } else if (renderS === 0 || nowS - this.seenAtS > STALL_S) {
      return { nowS, audio: null };
    }
    return { nowS, audio: { renderS, heardS: Math.min(renderS, heard(context, nowS)) } };
  }

  play(pcm16: Int16Array, contextFrame: number): void {
    const { context, voice } = this;
    if (context === null || voice === null) return;
    const buffer = context.createBuffer(1, pcm16.length, SAMPLE_RATE_HZ);
    const samples = buffer.getChannelData(0);
    for (let i = 0; i < samples.length; i++) samples[i] = pcm16[i]! / FULL_SCALE;
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(voice);
    source.onended = () => {
      source.disconnect();
      this.sources.delete(source);
    };
    this.sources.add(source);
    source.start(contextFrame / SAMPLE_RATE_HZ);
  }

  silence(): void {
    const { context, voice } = this;
    if (context === null || voice === null || this.sources.size === 0) return;
    // The audio thread is some milliseconds ahead of currentTime. A target begins when that thread hears of it, where
    // a ramp would be partly over, and click.
    voice.gain.setTargetAtTime(0, context.currentTime, FADE_S);
    for (const source of this.sources) source.stop(context.currentTime + FADED_S);
    setTimeout(() => voice.disconnect(), 1000 * 2 * FADED_S);
    this.sources.clear();
    this.voice = this.newVoice(context);
  }

  /** Two pages open at once must not echo: only the primary one is heard. */
  setMuted(muted: boolean): void {
    this.muted = muted;
    if (this.context !== null) this.master?.gain.setTargetAtTime(muted ? 0 : 1, this.context.currentTime, FADE_S);
  }

  private open(): AudioContext {
    if (this.context === null) {
      this.context = new AudioContext({ sampleRate: SAMPLE_RATE_HZ, latencyHint: "interactive" });
      this.master = this.context.createGain();
      this.master.gain.value = this.muted ? 0 : 1;
      this.master.connect(this.context.destination);
      this.voice = this.newVoice(this.context);
      // A phone takes the sound away when another app wants it, or the screen goes dark.
      document.addEventListener("visibilitychange", () => void this.context?.resume());
    }
    return this.context;
  }

  private newVoice(context: AudioContext): GainNode {
    const gain = context.createGain();
    gain.connect(this.master!);
    return gain;
  }
}

/** The context time that comes out of the loudspeaker now. */
function heard(context: AudioContext, nowS: number): number {
  const { contextTime, performanceTime } = context.getOutputTimestamp();
  if (contextTime !== undefined && performanceTime !== undefined && performanceTime > 0) {
    return contextTime + nowS - performanceTime / 1000;
  }
  return context.currentTime - (context.outputLatency || context.baseLatency);
}
