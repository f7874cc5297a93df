"""The README's picture of the page, taken of the running demo in the middle of a word.

python -m tools.picture docs/pictures/stage.png
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tools.bench_sync import demo
from tools.browser import Browser

TEXT = (
    "Whatever you type here, I say aloud, with my lips in time, in English or in Chinese. "
    "It all happens on your own machine, with no key and no network service. "
    "I can read a whole page to you, and you may stop me whenever you like. What would you like to hear?"
)
# An open mouth, open eyes and a look at the viewer; where drawing is slow, the pose is kept until it is drawn.
CATCH = """new Promise((done) => {
  const look = () => {
    const { curves, bones, present } = window.avatarBridge;
    const face = curves();
    const aside = face.eyeLookInLeft + face.eyeLookOutLeft + face.eyeLookDownLeft + face.eyeBlinkLeft;
    if (face.jawOpen < 0.3 || aside > 0.25) return requestAnimationFrame(look);
    present(face, bones());
    done(true);
  };
  look();
})"""


def main() -> None:
    """Take the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    with demo() as port, Browser() as browser:
        browser.size(1280, 720)
        browser.go(f"http://127.0.0.1:{port}/?primary=1")
        browser.wait("window.avatarBridge?.ready", 60)
        browser.click(".start")
        browser.wait("document.querySelector('.caption').textContent", 60)
        browser.type(TEXT)
        browser.click(".ways button")
        browser.wait(f"{TEXT!r}.startsWith(document.querySelector('.caption').textContent || '-')", 60)
        browser.evaluate(CATCH)
        args.out.write_bytes(browser.screenshot())


if __name__ == "__main__":
    main()
