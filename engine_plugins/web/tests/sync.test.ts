/** How far the face is from the voice, in simulated time. `FIGURES=1 npx vitest run sync` prints the table of docs/measured.md. */
import { expect, it } from "vitest";
import { type Conditions, conditions, Simulation } from "./simulation";

const FRAME_MS = 1000 / 60;

const NETWORKS = [
  conditions({}),
  conditions({ name: "100 ms delay", delayS: 0.1 }),
  conditions({ name: "30 ms jitter", jitterS: 0.03 }),
  conditions({ name: "2 % loss, sent again after 200 ms", loss: 0.02 }),
  conditions({ name: "reordering (30 ms jitter, no order)", jitterS: 0.03, inOrder: false }),
  conditions({ name: "1 s stall each half minute", stallS: 1 }),
  conditions({ name: "100 ms delay, 30 ms jitter, 2 % loss, stalls", delayS: 0.1, jitterS: 0.03, loss: 0.02, stallS: 1 }),
];
const HOURS = [
  conditions({ name: "an hour of talk, device +100 ppm, bridge -50 ppm", minutes: 60, devicePpm: 100, bridgePpm: -50 }),
  conditions({ name: "an hour without a pause, device -100 ppm", minutes: 60, devicePpm: -100, speaksWithoutPause: true }),
];

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

function held(c: Conditions): Simulation {
  const run = new Simulation(c).run();
  const all = run.errorsMs.map(Math.abs);
  const settled = run.settledMs.map(Math.abs);
  if (process.env["FIGURES"]) {
    const figures = [quantile(run.errorsMs, 0.5), quantile(all, 0.99), quantile(settled, 0.99)].map((ms) => ms.toFixed(1));
    console.log(["", c.name, all.length, ...figures, run.receiver.counters.late, run.misfits, ""].join(" | ").trim());
  }
  expect(settled.length).toBeGreaterThan(1000);
  expect(quantile(settled, 0.99)).toBeLessThan(FRAME_MS);
  return run;
}

it.each(NETWORKS)("face and voice stand within a frame: $name", (c) => {
  held(c);
});

it.each(HOURS)("no drift: $name", (c) => {
  const { settledMs } = held(c);
  const tenth = Math.floor(settledMs.length / 10);
  const [first, last] = [quantile(settledMs.slice(0, tenth), 0.5), quantile(settledMs.slice(-tenth), 0.5)];
  expect(Math.abs(last - first)).toBeLessThan(1);
}, 60_000);

it("what is measured is what is seen and heard: a latency mistaken by 40 ms shows as 40 ms", () => {
  const right = new Simulation(conditions({ minutes: 0.5 })).run();
  const wrong = new Simulation(conditions({ minutes: 0.5, mistakenLatencyS: 0.04 })).run();
  expect(Math.abs(quantile(right.errorsMs, 0.5) - quantile(wrong.errorsMs, 0.5))).toBeCloseTo(40, 0);
  expect(right.misfits).toBe(0);
});
