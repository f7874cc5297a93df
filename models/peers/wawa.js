/**
 * wawa-lipsync: bands of an AnalyserNode and rules to the 15 visemes of Oculus. Runs in a page: the sound is rendered
 * offline and stopped at each frame, where the package is asked, its clock being the sound's.
 *
 * The visemes are eased as its own demo eases them: towards 1 by 0.2 (vowels) or 0.4 of the way a frame, towards 0 by
 * half of that.
 */
async (library, samplesBase64, rateHz, frames) => {
  const samples = new Float32Array(Uint8Array.from(atob(samplesBase64), (c) => c.charCodeAt(0)).buffer);
  // A stop is put off to the next 128 samples, which must still be there.
  const context = new OfflineAudioContext(1, samples.length + 1024, rateHz);
  window.AudioContext = function () {
    return context;
  };
  let nowMs = 0;
  performance.now = () => nowMs;

  const url = URL.createObjectURL(new Blob([library], { type: "text/javascript" }));
  const { Lipsync, VISEMES } = await import(url);
  URL.revokeObjectURL(url);
  const lipsync = new Lipsync();
  const sound = context.createBufferSource();
  sound.buffer = context.createBuffer(1, samples.length, rateHz);
  sound.buffer.copyToChannel(samples, 0);
  sound.connect(lipsync.analyser).connect(context.destination);
  sound.start();

  const visemes = Object.values(VISEMES);
  const now = Object.fromEntries(visemes.map((viseme) => [viseme, 0]));
  const weights = [];
  for (let k = 0; k < frames; k++) {
    context.suspend(k / 60).then(() => {
      nowMs = (k * 1000) / 60;
      lipsync.processAudio();
      const share = lipsync.state === "vowel" ? 0.2 : 0.4;
      for (const viseme of visemes) {
        if (viseme === lipsync.viseme) now[viseme] += share * (1 - now[viseme]);
        else now[viseme] -= (share / 2) * now[viseme];
      }
      weights.push(visemes.map((viseme) => now[viseme]));
      context.resume();
    });
  }
  await context.startRendering();
  return { shapes: visemes.map((viseme) => viseme.replace("viseme_", "")), weights };
}
