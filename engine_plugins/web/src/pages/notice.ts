/** One sentence at the top of a page that shows nothing else to read. */
export class Notice {
  private readonly line = document.createElement("p");

  constructor(host: HTMLElement) {
    const { line } = this;
    line.className = "notice";
    line.setAttribute("role", "alert");
    line.hidden = true;
    host.append(line);
  }

  /** `sentence` is what is wrong, or nothing. */
  show(sentence: string): void {
    this.line.textContent = sentence;
    this.line.hidden = sentence === "";
  }
}
