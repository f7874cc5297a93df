/**
 * As much of Web Audio's worklets (w3.org/TR/webaudio, section 1.32) as lets a package's own processor and node run in
 * Node.js, in one thread and in the sound's time: messages between the two arrive at once.
 */

const QUANTUM = 128;
const processors = new Map();
let portOfNext;

class Port {
  onmessage = null;
  postMessage(data) {
    this.other.onmessage?.({ data });
  }
}

/** Call before importing a processor. */
export function setRate(rateHz) {
  globalThis.sampleRate = rateHz;
  globalThis.currentTime = 0;
}

globalThis.registerProcessor = (name, processor) => processors.set(name, processor);

globalThis.AudioWorkletProcessor = class {
  constructor() {
    this.port = portOfNext;
  }
};

globalThis.AudioWorkletNode = class {
  constructor(_context, name, options = {}) {
    this.port = new Port();
    portOfNext = new Port();
    [this.port.other, portOfNext.other] = [portOfNext, this.port];
    const Processor = processors.get(name);
    this.defaults = {};
    for (const { name: parameter, defaultValue } of Processor.parameterDescriptors ?? []) {
      this.defaults[parameter] = new Float32Array([options.parameterData?.[parameter] ?? defaultValue]);
    }
    this.processor = new Processor(options);
  }
};

/** Feed a node its sound; before each frame of 1/60 s that begins, `read(k)` sees all that was heard until then. */
export function play(node, samples, frames, read) {
  const block = new Float32Array(QUANTUM);
  let done = 0;
  for (let k = 0; k < frames; k++) {
    for (; done + QUANTUM <= (k * sampleRate) / 60; done += QUANTUM) {
      block.fill(0);
      block.set(samples.subarray(done, done + QUANTUM));
      globalThis.currentTime = done / sampleRate;
      node.processor.process([[block]], [], node.defaults);
    }
    read(k);
  }
}
