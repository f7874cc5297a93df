import { Pieces } from "../core/pcm";

// The audio thread's own globals (webaudio.github.io/web-audio-api/#AudioWorkletGlobalScope).
declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

/** Sends a microphone's sound to the page as pieces of PCM. */
class MicrophoneProcessor extends AudioWorkletProcessor {
  private readonly pieces = new Pieces(sampleRate);

  process([input]: Float32Array[][]): boolean {
    const channel = input?.[0];
    const piece = channel === undefined ? null : this.pieces.push(channel);
    if (piece !== null) this.port.postMessage(piece, [piece.buffer]);
    return true;
  }
}

registerProcessor("microphone", MicrophoneProcessor);
