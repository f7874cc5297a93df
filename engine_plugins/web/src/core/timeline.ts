/**
 * Maps a clock to a subject's timeline, both in seconds: straight pieces, each from a reading of the clock on. A piece
 * may begin in the future, so a move falls exactly where it is heard.
 */
export class Timeline {
  private pieces: { from: number; time: number; rate: number }[];

  constructor(clockS: number, timeS: number) {
    this.pieces = [{ from: clockS, time: timeS, rate: 1 }];
  }

  /** Where the timeline stands at a reading of the clock. */
  at(clockS: number): number {
    const piece = this.pieces.findLast((p) => p.from <= clockS) ?? this.pieces[0]!;
    return piece.time + (clockS - piece.from) * piece.rate;
  }

  /** When the clock will read `timeS`, going by the newest piece. */
  clockAt(timeS: number): number {
    const piece = this.pieces.at(-1)!;
    return piece.from + (timeS - piece.time) / piece.rate;
  }

  /** From `clockS` on, the timeline stands at `timeS` and runs as the clock does. */
  moveAt(clockS: number, timeS: number): void {
    const newest = this.pieces.at(-1)!;
    if (newest.rate === 1 && Math.abs(newest.time + clockS - newest.from - timeS) < 1e-7) return;
    this.pieces = [...this.pieces.filter((p) => p.from < clockS).slice(-3), { from: clockS, time: timeS, rate: 1 }];
  }

  /** From `clockS` on, go on from where the timeline stands, at another rate. */
  slew(clockS: number, rate: number): void {
    const newest = this.pieces.at(-1)!;
    newest.time += (clockS - newest.from) * newest.rate;
    newest.from = clockS;
    newest.rate = rate;
  }

  /** Whether a move is still to come. */
  isMoving(clockS: number): boolean {
    return this.pieces.at(-1)!.from > clockS;
  }
}
