/** One large button over the whole page, for what a browser does only after a gesture. */
export class Curtain {
  private readonly button = document.createElement("button");

  constructor(host: HTMLElement, tapped: () => void) {
    const { button } = this;
    button.type = "button";
    button.hidden = true;
    button.className = "curtain";
    button.onclick = () => {
      button.hidden = true;
      tapped();
    };
    host.append(button);
  }

  /** `reason` is a sentence or nothing. */
  show(reason: string): void {
    this.button.textContent = reason === "" ? "Tap to start" : `${reason} Tap to try again.`;
    this.button.hidden = false;
  }

  hide(): void {
    this.button.hidden = true;
  }
}
