const FIRST_MS = 250;
const LONGEST_MS = 5000;

/**
 * How long to wait before connecting again: twice as long each time, up to five seconds, less a random part so
 * that many pages do not return at once. `random` lies in 0..1.
 */
export function backoffMs(attempt: number, random: number): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return longest * (1 - 0.5 * random);
}
