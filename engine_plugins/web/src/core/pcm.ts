/** The highest rate the bridge takes a microphone at. */
export const HIGHEST_HZ = 48_000;

/** How much sound travels at once. */
const PIECE_S = 0.02;
const FULL_SCALE = 32_767;
/** Taps of the low-pass filter for each sample that is left out. */
const TAPS_PER_STEP = 32;
/** Where the filter lets through half, as a share of the new rate. */
const CUTOFF = 0.45;

/** Samples of -1..1 as 16-bit integers; what lies beyond is clipped, what is no number is silence. */
export function toPcm16(samples: Float32Array): Int16Array<ArrayBuffer> {
  const pcm = new Int16Array(samples.length);
  for (let i = 0; i < samples.length; i++) {
    const sample = samples[i]!;
    pcm[i] = Number.isNaN(sample) ? 0 : Math.round(Math.max(-1, Math.min(1, sample)) * FULL_SCALE);
  }
  return pcm;
}

/** How loud it is: the root mean square, 0..1 of full scale. */
export function loudness(pcm: Int16Array): number {
  let sum = 0;
  for (const sample of pcm) sum += (sample / FULL_SCALE) ** 2;
  return pcm.length === 0 ? 0 : Math.sqrt(sum / pcm.length);
}

/** By how much a rate is divided so that the bridge takes it. */
export const stepOf = (rateHz: number): number => Math.max(1, Math.ceil(rateHz / HIGHEST_HZ));

/**
 * Every `step`-th sample of a stream, after a windowed-sinc low-pass (Blackman), so that nothing above the new rate's
 * half folds down. With a step of one the stream is left as it is.
 */
export class Decimator {
  private readonly taps: Float32Array;
  private past: Float32Array<ArrayBuffer>;
  private skip = 0;

  constructor(private readonly step: number) {
    this.taps = lowPass(step);
    this.past = new Float32Array(this.taps.length - 1);
  }

  /** The next samples, filtered and thinned. They lag behind by half the filter's length. */
  push(samples: Float32Array): Float32Array {
    if (this.step === 1) return samples;
    const { taps, past, step } = this;
    const all = new Float32Array(past.length + samples.length);
    all.set(past);
    all.set(samples, past.length);
    const out = new Float32Array(Math.ceil(Math.max(0, samples.length - this.skip) / step));
    for (let i = 0; i < out.length; i++) {
      const from = this.skip + i * step;
      let sum = 0;
      for (let k = 0; k < taps.length; k++) sum += taps[k]! * all[from + k]!;
      out[i] = sum;
    }
    this.skip += out.length * step - samples.length;
    this.past = all.slice(all.length - past.length);
    return out;
  }
}

/** A symmetric filter whose taps sum to one. */
function lowPass(step: number): Float32Array {
  const count = step * TAPS_PER_STEP + 1;
  const middle = (count - 1) / 2;
  const taps = Float32Array.from({ length: count }, (_, k) => {
    const x = (2 * CUTOFF * (k - middle)) / step;
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    const phase = (2 * Math.PI * k) / (count - 1);
    return sinc * (0.42 - 0.5 * Math.cos(phase) + 0.08 * Math.cos(2 * phase));
  });
  const sum = taps.reduce((a, b) => a + b, 0);
  return taps.map((tap) => tap / sum);
}

/** Cuts a microphone's sound, in blocks of any length, into pieces of PCM to send: at least 20 ms each, none lost. */
export class Pieces {
  readonly rateHz: number;
  private readonly decimator: Decimator;
  private readonly least: number;
  private waiting: Float32Array[] = [];
  private count = 0;

  /** `rateHz` is what comes in; what goes out has `this.rateHz`. */
  constructor(rateHz: number) {
    const step = stepOf(rateHz);
    this.rateHz = rateHz / step;
    this.decimator = new Decimator(step);
    this.least = Math.ceil(PIECE_S * this.rateHz);
  }

  /** Take a block; the piece that it completes, or null. The block may be used again by its owner. */
  push(block: Float32Array): Int16Array<ArrayBuffer> | null {
    const samples = this.decimator.push(block);
    this.waiting.push(samples === block ? samples.slice() : samples);
    this.count += samples.length;
    if (this.count < this.least) return null;
    const piece = new Float32Array(this.count);
    let at = 0;
    for (const part of this.waiting) {
      piece.set(part, at);
      at += part.length;
    }
    this.waiting = [];
    this.count = 0;
    return toPcm16(piece);
  }
}
