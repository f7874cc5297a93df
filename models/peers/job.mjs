/** The clips a peer is asked to speak, and where its answers go. Run as `node PEER.mjs FOLDER`. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2];

/** `{rateHz, clips: [{name, frames}], ...}`, written by `models.peers`. */
export const job = JSON.parse(readFileSync(join(folder, "job.json"), "utf-8"));

/** A clip's sound, mono float32. */
export function samplesOf(name) {
  const bytes = readFileSync(join(folder, `${name}.f32`));
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

/** Keep what a peer made of a clip: at 60 frames a second, how much of each of its mouth shapes there is. */
export function answer(name, shapes, weights) {
  writeFileSync(join(folder, `${name}.json`), JSON.stringify({ shapes, weights }));
}
