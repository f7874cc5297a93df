import { stepOf } from "../core/pcm";
import { DeviceError, openDevice } from "./device";
import processorUrl from "./microphone.worklet?worker&url";

// The browser takes the avatar's own voice, which comes out of its loudspeaker, out of what the microphone hears.
const WANTED = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };

export interface MicrophoneHandlers {
  /** Mono, 16 bit, at the microphone's rate. */
  piece(pcm: Int16Array<ArrayBuffer>): void;
  /** The device was taken away, or the permission. */
  ended(): void;
}

/** An open microphone. */
export class Microphone {
  private constructor(
    private readonly stream: MediaStream,
    private readonly context: AudioContext,
  ) {}

  /** Ask for a microphone. Raises DeviceError. */
  static async open(handlers: MicrophoneHandlers): Promise<Microphone> {
    const stream = await openDevice("microphone", { audio: WANTED });
    // At the device's own rate: not every browser connects a microphone to a context of another.
    const context = new AudioContext({ latencyHint: "interactive" });
    const microphone = new Microphone(stream, context);
    try {
      await context.audioWorklet.addModule(processorUrl);
      const node = new AudioWorkletNode(context, "microphone", { channelCount: 1, channelCountMode: "explicit" });
      node.port.onmessage = ({ data }: MessageEvent<Int16Array<ArrayBuffer>>) => handlers.piece(data);
      // It gives silence out; connected, so that every browser runs it.
      context.createMediaStreamSource(stream).connect(node).connect(context.destination);
    } catch {
      microphone.close();
      throw new DeviceError("This browser can't hand a microphone's sound to the page.");
    }
    for (const track of stream.getAudioTracks()) track.onended = () => handlers.ended();
    microphone.resume();
    return microphone;
  }

  get rateHz(): number {
    return this.context.sampleRate / stepOf(this.context.sampleRate);
  }

  /** Off until a gesture, where the browser asks for one. */
  get isRunning(): boolean {
    return this.context.state === "running";
  }

  /** Let sound in, if the browser has been waiting for a gesture. */
  resume(): void {
    void this.context.resume();
  }

  close(): void {
    for (const track of this.stream.getTracks()) {
      track.onended = null;
      track.stop();
    }
    void this.context.close();
  }
}
