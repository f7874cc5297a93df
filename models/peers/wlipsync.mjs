/** wLipSync, the port of uLipSync: MFCC against the mean of each sound in a profile, with its own damping. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { answer, job, samplesOf } from "./job.mjs";
import { play, setRate } from "./worklet.mjs";

const COEFFICIENTS = 12;
// As a new profile of uLipSync 3 has them; compareMethod 1 is its L2 norm.
const PROFILE = {
  targetSampleRate: 16000,
  sampleCount: 1024,
  melFilterBankChannels: 30,
  compareMethod: 1,
  mfccDataCount: 16,
  useStandardization: false,
  means: Array(COEFFICIENTS).fill(0),
  stdDevs: Array(COEFFICIENTS).fill(1),
};
const WINDOW_S = PROFILE.sampleCount / PROFILE.targetSampleRate;

setRate(job.rateHz);
const { createWLipSyncNode, configuration } = await import("wlipsync/wlipsync.js");
const wasm = fileURLToPath(import.meta.resolve("wlipsync/wlipsync.wasm"));
configuration.wasmModule = await WebAssembly.compile(readFileSync(wasm));
const processorUrl = import.meta.resolve("wlipsync/audio-processor.js");
let nodes = 0;

async function nodeWith(mfccs) {
  // The processor's memory belongs to its module: each node gets a module of its own.
  await import(`${processorUrl}?${nodes++}`);
  const node = await createWLipSyncNode(null, { ...PROFILE, mfccs });
  while (node.processor.inputBufferIndex < 0) await new Promise(setImmediate);
  return node;
}

/** The mean MFCC of each sound in labelled speech, as uLipSync's calibration takes it from what it hears. */
async function calibrated({ sounds, clips }) {
  const sums = new Map(sounds.map((sound) => [sound, { count: 0, values: Array(COEFFICIENTS).fill(0) }]));
  for (const { name, frames, labels } of clips) {
    const node = await nodeWith(sounds.map((sound) => ({ name: sound, values: Array(COEFFICIENTS).fill(0) })));
    const { exports, inputBuffer } = node.processor;
    const heard = node.port.onmessage;
    node.port.onmessage = (event) => {
      heard(event);
      const middle = event.data.timestamp - WINDOW_S / 2;
      const label = labels.find(([start, end]) => start <= middle && middle < end);
      if (!label || !(event.data.volume > 0)) return;
      const mfcc = new Float32Array(inputBuffer.buffer, exports.mfccOut.value, COEFFICIENTS);
      const sum = sums.get(label[2]);
      sum.count++;
      mfcc.forEach((value, i) => (sum.values[i] += value));
    };
    play(node, samplesOf(name), frames, () => {});
  }
  return [...sums].map(([name, { count, values }]) => {
    if (!count) throw new Error(`the calibration's speech has no ${name}`);
    return { name, values: values.map((value) => value / count) };
  });
}

const mfccs = await calibrated(job.calibration);
for (const { name, frames } of job.clips) {
  const node = await nodeWith(mfccs);
  const weights = [];
  play(node, samplesOf(name), frames, () => {
    weights.push(mfccs.map((sound) => node.weights[sound.name] * node.volume));
  });
  answer(name, mfccs.map((sound) => sound.name), weights);
}
