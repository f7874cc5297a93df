/** HeadAudio: MFCC and Gaussian prototypes to the 15 visemes of Oculus, with its own easing. Defaults throughout. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { answer, job, samplesOf } from "./job.mjs";
import { play, setRate } from "./worklet.mjs";

setRate(job.rateHz);
// Its model is a file of the package, which it fetches.
globalThis.fetch = async (url) => new Response(readFileSync(fileURLToPath(url)));
await import("@met4citizen/headaudio/modules/headworklet.mjs");
const { HeadAudio } = await import("@met4citizen/headaudio/modules/headaudio.mjs");
const model = import.meta.resolve("@met4citizen/headaudio/dist/model-en-mixed.bin");

/** Version 0.1.0 takes the number of its first viseme, aa, which is 0, for none: its mouth never opens for it. */
function mend(node) {
  const heard = node.port.onmessage;
  node.port.onmessage = (message) => {
    heard(message);
    if (message.data.event === "viseme" && message.data.viseme === 0) node.visemeActive = 0;
  };
}

for (const { name, frames } of job.clips) {
  const node = new HeadAudio(null);
  await node.loadModel(model);
  const now = new Map(node.visemeNames.map((viseme) => [viseme, 0]));
  if (job.mended) mend(node);
  node.onvalue = (viseme, value) => now.set(viseme, value);
  const weights = [];
  play(node, samplesOf(name), frames, () => {
    node.update(1000 / 60);
    weights.push([...now.values()]);
  });
  answer(name, node.visemeNames.map((viseme) => viseme.replace("viseme_", "")), weights);
}
