/** VRM 1.0's mouth presets; see `core/names` for the spelling of keys. */
export const VOWELS = ["aa", "ih", "ou", "ee", "oh"] as const;

/** Weights of `VOWELS`, in their order. */
export type VowelWeights = [number, number, number, number, number];

/**
 * The vowel presets of an avatar without ARKit shapes, from ARKit's curves. Three movements decide: how open the
 * mouth is, how round, how wide. Each preset is a corner of that space (shut and round is `ou`, open and round `oh`, open and
 * wide `ee`, shut and wide `ih`, open alone `aa`) and gets the share of its corner, so the weights never add up
 * past 1, as VRM's mouth group asks. The bridge's rigs for VRM say the same (bridge/rig/sources.py).
 */
export function vowels(weight: (shape: string) => number, out: VowelWeights): void {
  const both = (shape: string): number => (weight(`${shape}left`) + weight(`${shape}right`)) / 2;
  // Speech seldom opens the jaw more than half of what ARKit calls 1, nor rounds or spreads the lips to the full.
  const open = unit(1.7 * (weight("jawopen") - weight("mouthclose")));
  const round = unit(1.4 * Math.max(weight("mouthpucker"), weight("mouthfunnel")));
  const wide = unit(2.2 * both("mouthstretch") + 1.3 * both("mouthsmile") + 1.1 * both("mouthdimple"));
  const flat = 1 - round;
  out[0] = open * flat * (1 - wide);
  out[1] = (1 - open) * flat * wide;
  out[2] = (1 - open) * round;
  out[3] = open * flat * wide;
  out[4] = open * round;
}

function unit(value: number): number {
  return Math.max(0, Math.min(1, value));
}
