import { describe, expect, it } from "vitest";
import { audioMessage, framesMessage, layoutMessage } from "./messages";
import { World } from "./world";

const ramp = (start: number, count: number): number[] => Array.from({ length: count }, (_, i) => (start + i) % 30000);

/** The samples the loudspeaker got, in order, and whether they follow without a gap. */
function heard(world: World): { samples: number[]; isGapless: boolean } {
  const placed = [...world.speaker.keys()].sort((a, b) => a - b);
  const isGapless = placed.every((frame, i) => i === 0 || frame === placed[i - 1]! + 1);
  return { samples: placed.map((frame) => world.speaker.get(frame)!), isGapless };
}

describe("before audio", () => {
  it("frame k is shown at the layout's arrival plus (k - due)/60 s plus the buffer", () => {
    const world = new World(600);
    expect(world.pass(0.102).at(-1)!.shownS).toBeCloseTo(10.002, 9);
    expect(world.pass(0.5).at(-1)!.shownS).toBeCloseTo(10.502, 9);
  });

  it("speech that nobody could hear is not kept", () => {
    const world = new World(600);
    world.give(audioMessage(4000 * 60, ramp(0, 2400)));
    world.pass(3);
    world.audioFromS = world.nowS;
    world.pass(0.5);
    expect(world.speaker.size).toBe(0);
  });
});

describe("speech", () => {
  it("is laid end to end, sample by sample, whatever the pieces", () => {
    const world = new World(600);
    world.audioFromS = world.nowS;
    world.pass(0.5);
    const start = 640 * 400;
    let at = 0;
    for (const count of [400, 1, 1999, 800, 4000]) {
      world.give(audioMessage(start + at, ramp(at, count)));
      at += count;
    }
    const { samples, isGapless } = heard(world);
    expect(isGapless).toBe(true);
    expect(samples).toEqual(ramp(0, at));
  });

  it("is shown as it is heard: at each callback the two stand at the same time", () => {
    const world = new World(600);
    world.audioFromS = world.nowS - 3.21;
    world.pass(0.5);
    world.give(audioMessage(640 * 400, ramp(0, 24000)));
    const seen = world.pass(2).filter((s) => !Number.isNaN(s.heardS));
    expect(seen.length).toBeGreaterThan(55);
    for (const { shownS, heardS } of seen) expect(Math.abs(shownS - heardS)).toBeLessThan(1e-4);
  });

  it("stays with its sound when the audio clock runs at another speed", () => {
    const world = new World(600);
    world.audioFromS = world.nowS;
    world.audioRate = 1.002;
    world.pass(0.5);
    world.give(audioMessage(640 * 400, ramp(0, 24000 * 8)));
    const seen = world.pass(9).filter((s) => !Number.isNaN(s.heardS));
    for (const { shownS, heardS } of seen) expect(Math.abs(shownS - heardS)).toBeLessThan(1e-4);
  });

  it("that comes late is played whole, and the face waits for it", () => {
    const world = new World(600);
    world.audioFromS = world.nowS;
    world.pass(1);
    world.give(audioMessage(630 * 400, ramp(0, 12000)));
    const seen = world.pass(1.5).filter((s) => !Number.isNaN(s.heardS));
    expect(heard(world).samples).toEqual(ramp(0, 12000));
    expect(seen[0]!.heardS).toBeCloseTo(630 / 60, 1);
    for (const { shownS, heardS } of seen) expect(Math.abs(shownS - heardS)).toBeLessThan(1e-4);
    expect(world.receiver.counters.late).toBe(1);
  });

  it("comes in time for a wireless loudspeaker that is a quarter of a second behind", () => {
    const world = new World(600);
    world.latencyS = 0.25;
    world.audioFromS = world.nowS - 1;
    world.pass(30);
    for (let line = 0; line < 3; line++) {
      world.give(audioMessage(400 * Math.ceil((world.dueS + 0.07) * 60), ramp(0, 24000)));
      world.pass(10);
    }
    expect(world.receiver.counters.late).toBe(0);
  });

  it("that breaks off goes on where it stopped", () => {
    const world = new World(600);
    world.audioFromS = world.nowS;
    world.pass(0.5);
    world.give(audioMessage(640 * 400, ramp(0, 4800)));
    world.pass(1);
    world.give(audioMessage(640 * 400 + 4800, ramp(4800, 4800)));
    const seen = world.pass(1).filter((s) => !Number.isNaN(s.heardS));
    expect(heard(world).samples).toEqual(ramp(0, 9600));
    for (const { shownS, heardS } of seen) expect(Math.abs(shownS - heardS)).toBeLessThan(1e-4);
  });

  it("that was overtaken goes where it belongs, once", () => {
    const world = new World(600);
    world.audioFromS = world.nowS;
    world.pass(0.5);
    const start = 640 * 400;
    for (const at of [0, 9600, 4800, 4800]) world.give(audioMessage(start + at, ramp(at, 4800)));
    const { samples, isGapless } = heard(world);
    expect(isGapless).toBe(true);
    expect(samples).toEqual(ramp(0, 14400));
    const seen = world.pass(1).filter((s) => !Number.isNaN(s.heardS));
    expect(seen.length).toBeGreaterThan(30);
    for (const { shownS, heardS } of seen) expect(Math.abs(shownS - heardS)).toBeLessThan(1e-4);
  });

  it("is not gone on with later when sound stops in its middle", () => {
    const world = new World(600);
    world.audioFromS = world.nowS;
    world.pass(0.5);
    world.give(audioMessage(640 * 400, ramp(0, 48000)));
    world.pass(0.8);
    const from = world.audioFromS;
    const { silences } = world;
    world.audioFromS = null;
    const [stopped] = world.pass(3);
    expect(world.silences).toBe(silences + 1);
    expect(world.receiver.playlist.endSample).toBe(-1);
    expect(stopped!.heardS).toBeNaN();
    // A context that was suspended goes on with the frame it stopped at.
    world.audioFromS = from + 3;
    world.speaker.clear();
    world.pass(0.3);
    expect(world.speaker.size).toBe(0);
    world.give(audioMessage(Math.floor(world.dueS * 60 + 20) * 400, ramp(0, 12000)));
    const seen = world.pass(1).filter((s) => !Number.isNaN(s.heardS));
    expect(seen.length).toBeGreaterThan(20);
    for (const { shownS, heardS } of seen) expect(Math.abs(shownS - heardS)).toBeLessThan(1e-4);
  });

  it.each([true, false])("that claims to lie far ahead is no speech (sound runs: %s)", (hasAudio) => {
    const world = new World(600);
    if (hasAudio) world.audioFromS = world.nowS;
    world.pass(0.3);
    world.give(audioMessage(2 ** 50, ramp(0, 400)));
    expect(world.receiver.counters.malformed).toBe(1);
    world.audioFromS ??= world.nowS - 0.1;
    world.pass(0.1);
    world.give(audioMessage(640 * 400, ramp(0, 4000)));
    expect(world.pass(1).filter((s) => !Number.isNaN(s.heardS)).length).toBeGreaterThan(8);
    expect(heard(world).samples).toEqual(ramp(0, 4000));
  });

  it("begun before the first gesture is taken up in its middle", () => {
    const world = new World(600);
    world.pass(0.3);
    world.give(audioMessage(610 * 400, ramp(0, 24000)));
    world.pass(0.4);
    world.audioFromS = world.nowS - 0.2;
    const seen = world.pass(0.5).filter((s) => !Number.isNaN(s.heardS));
    expect(heard(world).samples.length).toBeLessThan(24000 * 0.7);
    for (const { shownS, heardS } of seen) expect(Math.abs(shownS - heardS)).toBeLessThan(1e-4);
  });
});

describe("a new epoch", () => {
  it("silences at once, keeps the picture until its own frames are due, and drops the old", () => {
    const world = new World(600);
    world.audioFromS = world.nowS;
    world.pass(0.5);
    world.give(audioMessage(640 * 400, ramp(0, 24000)));
    const { shownS } = world.pass(0.6).at(-1)!;
    const before = world.pose.curves[0];
    const { silences } = world;
    world.stop();
    expect(world.silences).toBe(silences + 1);
    expect(world.receiver.playlist.endSample).toBe(-1);
    expect(world.show().shownS).toBe(shownS);
    expect(world.pose.curves[0]).toBe(before);
    const { stale } = world.receiver.counters;
    world.give(audioMessage(700 * 400, ramp(0, 400), 0));
    world.give(framesMessage(640, [0, 0, 0], [], 0));
    expect(world.receiver.counters.stale).toBe(stale + 2);
    expect(world.pass(0.5).at(-1)!.shownS).toBeCloseTo(shownS + 0.5, 1);
  });

  it("does not restart the timeline", () => {
    const world = new World(600);
    world.pass(1);
    world.stop();
    expect(world.pass(0.2).at(-1)!.shownS).toBeCloseTo(11.1, 6);
  });
});

describe("what was heard is reported", () => {
  it("as it goes, never ahead of the loudspeaker, and once at the end", () => {
    const world = new World(600);
    world.audioFromS = world.nowS;
    world.pass(0.5);
    world.give(audioMessage(640 * 400, ramp(0, 12000)));
    world.pass(2);
    const samples = world.played.map((p) => p.sample);
    expect(samples.length).toBeGreaterThan(4);
    expect([...samples].sort((a, b) => a - b)).toEqual(samples);
    expect(samples.at(-1)).toBe(640 * 400 + 12000);
    expect(new Set(samples).size).toBe(samples.length);
  });

  it("for the old epoch when a stop cuts it", () => {
    const world = new World(600);
    world.audioFromS = world.nowS;
    world.pass(0.5);
    world.give(audioMessage(640 * 400, ramp(0, 24000)));
    world.pass(0.77);
    const heardS = world.show().heardS;
    world.stop();
    expect(world.played.at(-1)).toEqual({ epoch: 0, sample: Math.floor(heardS * 24000) });
  });
});

describe("long runs", () => {
  it("a bridge whose clock runs 100 ppm off is followed for six hours", () => {
    const world = new World(600);
    world.bridgeRate = 1.0001;
    world.pass(6 * 3600, 10);
    expect(world.receiver.shownTimeS).toBeCloseTo(world.dueS - 0.1, 1);
    expect(world.receiver.counters.underruns).toBe(0);
  });

  it("and it is followed in the short pauses of one that speaks all day", () => {
    const world = new World(600);
    world.bridgeRate = 1.0002;
    world.audioFromS = world.nowS;
    for (let line = 0; line < 120; line++) {
      world.give(audioMessage(400 * Math.ceil((world.dueS + 0.1) * 60), ramp(0, 24000)));
      world.pass(10, 10);
      world.speaker.clear();
    }
    expect(Math.abs(world.dueS - 0.1 - world.receiver.shownTimeS)).toBeLessThan(0.05);
  });

  it("a tuned rig's layout does not interrupt the motion", () => {
    const world = new World(600);
    world.pass(0.5);
    world.give(layoutMessage(630));
    expect(world.pass(0.2).at(-1)!.shownS).toBeCloseTo(10.6, 6);
    expect(world.receiver.counters.underruns).toBe(0);
  });

  it("a delay that a late utterance forced is given back", () => {
    const world = new World(600);
    world.audioFromS = world.nowS;
    world.pass(1);
    world.give(audioMessage(640 * 400, ramp(0, 4800)));
    const lag = (): number => world.dueS - 0.1 - world.show().shownS;
    world.pass(0.5);
    expect(lag()).toBeGreaterThan(0.2);
    world.pass(120);
    expect(Math.abs(lag())).toBeLessThan(0.03);
  });

  it("a page that slept shows the present when it wakes", () => {
    const world = new World(600);
    world.pass(1);
    for (let k = 0; k < 400; k++) {
      world.nowS += 0.05;
      world.stream();
    }
    expect(world.show().shownS).toBeCloseTo(world.dueS - 0.1, 6);
  });
});

it("messages that break the format are counted and change nothing", () => {
  const world = new World(600);
  const good = framesMessage(650, [1, 2, 3]);
  for (let cut = 0; cut < good.byteLength; cut++) world.give(good.slice(0, cut));
  expect(world.receiver.counters.malformed).toBe(good.byteLength);
  expect(world.receiver.lastFault).not.toBe("");
  world.pass(0.5);
  expect(world.receiver.counters.underruns).toBe(0);
});
