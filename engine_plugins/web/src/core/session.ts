/** What a subject is doing: as the stream's events tell it and, until a connection's first, as the bridge answers. */
export class Session {
  /** `idle` where nothing is known. */
  state = "idle";
  private connection = 0;
  private isTold = false;

  /**
   * A connection begins. What is returned takes the bridge's answer to the question asked then: it counts only while
   * nothing newer is known, neither an event nor another connection.
   */
  connected(): (answer: string) => void {
    const connection = ++this.connection;
    this.state = "idle";
    this.isTold = false;
    return (answer) => {
      if (connection === this.connection && !this.isTold) this.state = answer;
    };
  }

  told(state: string): void {
    this.state = state;
    this.isTold = true;
  }
}
