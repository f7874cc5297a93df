/** Rhubarb Lip Sync: pocketsphinx and drawing rules to the nine mouths of cartoons. It is given no transcript. */

import { Rhubarb } from "rhubarb-lip-sync-wasm";

import { answer, job, samplesOf } from "./job.mjs";

const SHAPES = ["A", "B", "C", "D", "E", "F", "G", "H", "X"];

// It tells its progress.
console.log = console.error = () => {};

for (const { name, frames } of job.clips) {
  const pcm = Int16Array.from(samplesOf(name), (x) => Math.round(32767 * Math.max(-1, Math.min(1, x))));
  const { mouthCues } = await Rhubarb.getLipSync(Buffer.from(pcm.buffer));
  const weights = Array.from({ length: frames }, (_, k) => {
    // Where two overlap the later one counts.
    const cue = mouthCues.findLast(({ start, end }) => start <= k / 60 && k / 60 < end);
    return SHAPES.map((shape) => Number(shape === (cue?.value ?? "X")));
  });
  answer(name, SHAPES, weights);
}
