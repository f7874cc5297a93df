"""The pages in a real Chromium, beside a real demo: heard at the browser's output, seen in its pixels."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Iterator

import av
import httpx
import numpy as np
import pytest
from websockets.sync.client import connect

from tools.bench_sync import behind, demo, free_port, say, wait_until_idle
from tools.browser import Browser, find_chromium
from tools.impaired import NETWORKS
from tools.loudspeaker import Listener, callbacks, lag, offsets_ms, recording, tap

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(find_chromium() is None, reason="no Chromium, Chrome or Edge is installed"),
]

SMALL = (160, 160)
"""Where something is drawn: without a graphics card that is slow."""
DRAWN_S = 100
SILENT = "tap.context.currentTime * 24000 > tap.blocks.at(-1)[0] + 4800"
SENTENCE = "One two three four five six."
NOTICE = "document.querySelector('.notice:not([hidden])')?.textContent"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with demo() as running:
        yield running


@pytest.fixture
def browser() -> Iterator[Browser]:
    with Browser(width=480, height=480) as page:
        tap(page)
        yield page


def stop(port: int) -> None:
    """Let the demo say no more."""
    httpx.post(f"http://127.0.0.1:{port}/api/stop", json={}).raise_for_status()


def open_stage(browser: Browser, port: int, query: str = "") -> None:
    """Open the stage without drawing and wait until it shows and plays."""
    browser.go(f"http://127.0.0.1:{port}/stage?primary=1&render=0{query}")
    browser.wait("window.avatarBridge?.ready && window.avatarBridge.audioRunning", 60)


def test_speech_leaves_the_browser_sample_by_sample_and_the_face_stands_at_its_time(
    browser: Browser, port: int
) -> None:
    open_stage(browser, port)
    with Listener(port) as listener:
        browser.evaluate("tap.watch()")
        say(port, SENTENCE)
        browser.wait("tap.blocks.length > 0", 60)
        wait_until_idle(port)
        browser.wait(SILENT)
        start_sample, sent = listener.speech()
    first_frame, error = lag(recording(browser), sent)
    assert error < 1e-4
    offsets = offsets_ms(callbacks(browser), start_sample, first_frame, len(sent))
    assert len(offsets) > 20
    assert abs(np.median(offsets)) < 5


def test_behind_a_bad_network_the_face_stays_with_the_voice() -> None:
    figures = behind(NETWORKS[-1], 12)
    assert figures["callbacks"] > 50
    assert abs(figures["p50_ms"]) < 5 and figures["p99_settled_ms"] < 1000 / 60


# Voiced throughout and without a pause: wherever the stop falls, there is something to fade.
VOICED = "We were away a year ago while we all were in a yellow railway in Iowa in a long lane you and I were alone."


def test_a_stop_fades_out_within_ten_milliseconds(browser: Browser, port: int) -> None:
    open_stage(browser, port)
    with Listener(port) as listener:
        say(port, VOICED)
        browser.wait("tap.blocks.length > 100", 60)
        stop(port)
        browser.wait(SILENT)
        _, sent = listener.speech()
    played = recording(browser).samples
    played = played[np.flatnonzero(played)[0] :]
    sent = sent[np.flatnonzero(sent)[0] :][: len(played)]
    loud = np.flatnonzero(np.abs(sent) > 0.003)
    gain = played[loud] / sent[loud]
    fading = (gain < 0.99) & (gain > 0.01)
    assert fading.sum() > 24, "the speech was cut, not faded"
    first = loud[fading][0]
    assert np.all(gain[loud < first] > 0.99)
    assert np.all(gain[loud > first + 240] < 0.01), "ten milliseconds later it is silent"
    assert np.all(np.diff(gain[loud >= first]) < 1e-3), "the gain falls all the way"


def test_the_first_gesture_lets_the_greeting_out(port: int) -> None:
    with Browser(width=480, height=640, autoplay=False) as browser:
        tap(browser)
        browser.go(f"http://127.0.0.1:{port}/?render=0&primary=1")
        browser.wait("window.avatarBridge?.ready", 60)
        assert not browser.evaluate("window.avatarBridge.audioRunning")
        before = browser.evaluate("window.avatarBridge.shownS")
        assert browser.wait(f"window.avatarBridge.shownS > {before} + 0.2")
        browser.click(".start")
        browser.wait("tap.blocks.length > 0", 60)
        greeting = httpx.get(f"http://127.0.0.1:{port}/api/state").json()["greeting"]["text"]
        caption = browser.wait("document.querySelector('.caption').textContent.trim()")
        assert caption in greeting
        stop(port)


WORDS = """(() => {
  window.seen = [];
  const look = () => {
    const words = [...document.querySelectorAll('.caption span')].map((word) => [word.className, word.textContent]);
    const now = JSON.stringify(words);
    if (seen.at(-1) !== now) seen.push(now);
    requestAnimationFrame(look);
  };
  look();
})()"""


def test_the_word_that_is_said_is_shown_and_a_stop_leaves_those_that_were(browser: Browser, port: int) -> None:
    browser.go(f"http://127.0.0.1:{port}/?render=0&primary=1")
    browser.wait("window.avatarBridge?.ready", 60)
    browser.click(".start")
    browser.wait("document.querySelector('.caption').textContent !== ''", 60)
    stop(port)
    browser.wait("document.querySelector('.caption').textContent === ''", 60)
    browser.click(".fold")
    browser.evaluate(WORDS)
    say(port, SENTENCE)
    browser.wait("document.querySelector('.caption .now')?.textContent === 'four '", 60)
    stop(port)
    said = browser.wait("[...document.querySelectorAll('.dialogue li')].at(-1)?.textContent.match(/One.*…/)?.[0]")
    assert said in ("One two three …", "One two three four …")
    seen = [words for words in map(json.loads, browser.evaluate("seen")) if words]
    assert all("".join(text for _, text in words) == SENTENCE for words in seen), "the text changed"
    order = ["past", "now", "next"]
    ranks = [[order.index(when) for when, _ in words] for words in seen]
    assert all(row == sorted(row) and row.count(1) <= 1 for row in ranks)
    assert all(after <= before for rows in zip(*ranks, strict=True) for before, after in itertools.pairwise(rows))
    assert [text for words in seen for when, text in words if when == "now"] == ["One ", "two ", "three ", "four "]


@pytest.mark.parametrize("text", ["Good morning.", "你好，世界。"])
def test_what_is_typed_is_spoken_and_escape_stops_it(browser: Browser, port: int, text: str) -> None:
    browser.go(f"http://127.0.0.1:{port}/?render=0&primary=1")
    browser.wait("window.avatarBridge?.ready", 60)
    browser.click(".start")
    browser.wait("tap.blocks.length > 0", 60)
    stop(port)
    browser.wait(SILENT)
    browser.evaluate("tap.blocks.length = 0")
    browser.type(text)
    browser.click(".ways button")
    browser.wait("tap.blocks.length > 0", 60)
    # The first sound may overtake the answer that it was taken.
    assert browser.wait("document.querySelector('textarea').value === ''")
    epoch = browser.evaluate("window.avatarBridge.epoch")
    browser.press("Escape")
    assert browser.wait(f"window.avatarBridge.epoch > {epoch}")


def test_a_refusal_is_shown_in_the_servers_words(browser: Browser, port: int) -> None:
    browser.go(f"http://127.0.0.1:{port}/?render=0")
    browser.wait("window.avatarBridge?.ready", 60)
    browser.click(".start")
    browser.type("🙂🙂")
    browser.click(".ways button")
    shown = browser.wait("document.querySelector('[role=alert]')?.textContent.trim()")
    refusal = httpx.post(f"http://127.0.0.1:{port}/api/say", json={"text": "🙂🙂"}).json()["error"]
    assert shown.startswith(refusal)
    stop(port)


def test_why_the_bridge_does_not_let_a_page_in_is_told(browser: Browser, port: int) -> None:
    browser.go(f"http://127.0.0.1:{port}/?render=0&subject=a/b")
    assert "subject's name" in browser.wait("document.querySelector('[role=alert]')?.textContent")
    browser.go(f"http://127.0.0.1:{port}/stage?render=0&subject=a/b")
    assert "subject's name" in browser.wait(NOTICE)


def test_a_page_that_is_not_primary_is_not_heard(browser: Browser, port: int) -> None:
    open_stage(browser, port)
    # Nobody reads what comes: where it may not pile up, closing takes ten seconds.
    stream = f"ws://127.0.0.1:{port}/ws/stream?primary=1&audio=0&format=json"
    with connect(stream, max_size=None, max_queue=None) as other:
        browser.wait("window.avatarBridge.primary === false")
        with Listener(port) as listener:
            say(port, "Can you hear me?")
            wait_until_idle(port)
            assert len(listener.speech()[1]) > 12000
        assert browser.evaluate("tap.blocks.length") == 0
        other.close()
    assert browser.wait("window.avatarBridge.primary")


def test_a_page_left_behind_is_not_heard_any_more(browser: Browser, port: int) -> None:
    for page in ("stage", "", "stage"):
        browser.go(f"http://127.0.0.1:{port}/{page}?render=0")
        browser.wait("window.avatarBridge?.ready", 60)
        assert browser.wait("window.avatarBridge.primary")


def test_the_stage_is_transparent_around_the_head(browser: Browser, port: int) -> None:
    browser.size(*SMALL)
    browser.go(f"http://127.0.0.1:{port}/stage?audio=0&camera=face")
    browser.wait("window.avatarBridge?.ready", DRAWN_S)
    browser.wait("window.avatarBridge.samples().filter((s) => s.shownS !== null).length > 3", DRAWN_S)
    pixels = picture(browser.screenshot(transparent=True))
    height, width, _ = pixels.shape
    assert pixels[:8, :8, 3].max() == 0
    assert pixels[height // 2, width // 2, 3] == 255
    assert 0.1 < (pixels[..., 3] == 255).mean() < 0.9
    assert browser.evaluate(NOTICE) is None


def test_the_glb_and_the_vrm_of_a_character_move_alike(browser: Browser, port: int) -> None:
    browser.size(*SMALL)
    face = {"jawOpen": 0.5, "eyeBlinkLeft": 1.0, "eyeLookDownRight": 0.6, "browOuterUpRight": 0.8}
    bones = {"head": [0.1, 0.2, 0.05, 0.97], "rightEye": [0.15, 0.0, 0.0, 0.99]}
    pictures = {}
    for kind in ("glb", "vrm"):
        browser.go(f"http://127.0.0.1:{port}/stage?audio=0&camera=face&background=gray&avatar=/avatar/default.{kind}")
        browser.wait("window.avatarBridge?.ready", DRAWN_S)
        for name, pose in (("still", {}), ("moved", face)):
            browser.evaluate(f"window.avatarBridge.present({json.dumps(pose)}, {json.dumps(bones if pose else {})})")
            pictures[kind, name] = picture(browser.screenshot())[..., :3].astype(float)

    def apart(a: tuple[str, str], b: tuple[str, str]) -> float:
        return float(np.abs(pictures[a] - pictures[b]).mean())

    moved = apart(("glb", "still"), ("glb", "moved"))
    assert moved > 2
    assert apart(("glb", "moved"), ("vrm", "moved")) < moved / 4


def test_the_picture_comes_back_when_the_graphics_were_lost(browser: Browser, port: int) -> None:
    browser.size(*SMALL)
    browser.go(f"http://127.0.0.1:{port}/stage?audio=0&camera=face")
    browser.wait("window.avatarBridge?.ready", DRAWN_S)
    browser.evaluate(
        "window.loss = document.querySelector('canvas').getContext('webgl2').getExtension('WEBGL_lose_context')"
    )
    browser.evaluate("loss.loseContext()")
    browser.wait("document.querySelector('canvas').getContext('webgl2').isContextLost()")
    browser.evaluate("loss.restoreContext()")
    shown = browser.evaluate("window.avatarBridge.shownS")
    browser.wait(f"window.avatarBridge.shownS > {shown} + 0.5", DRAWN_S)
    pixels = picture(browser.screenshot(transparent=True))
    assert 0.1 < (pixels[..., 3] == 255).mean() < 0.9


def test_without_graphics_the_page_says_so_and_speaks(port: int) -> None:
    with Browser(flags=["--disable-3d-apis"]) as browser:
        tap(browser)
        browser.go(f"http://127.0.0.1:{port}/?primary=1")
        assert "WebGL" in browser.wait("document.querySelector('[role=alert]')?.textContent", 60)
        browser.click(".start")
        assert browser.wait("tap.blocks.length > 0", 60)
        assert "WebGL" in browser.evaluate("document.querySelector('[role=alert]').textContent")
        stop(port)
        browser.go(f"http://127.0.0.1:{port}/stage")
        assert "WebGL" in browser.wait(NOTICE)


def test_a_stage_without_its_avatar_says_so(browser: Browser, port: int) -> None:
    browser.go(f"http://127.0.0.1:{port}/stage?render=0&avatar=/none.glb")
    assert "/none.glb could not be loaded" in browser.wait(NOTICE)


def test_a_page_comes_back_to_a_bridge_that_comes_back(browser: Browser) -> None:
    place = free_port()
    field, alert = "document.querySelector('textarea')", "document.querySelector('[role=alert]')"
    with demo(place):
        browser.go(f"http://127.0.0.1:{place}/?primary=1&render=0")
        browser.wait("window.avatarBridge?.ready", 60)
        browser.click(".start")
        browser.wait("window.avatarBridge.audible", 60)
    browser.wait("window.avatarBridge.connected === false")
    browser.evaluate(f"{field}.focus()")
    browser.type("Hello?")
    browser.press("Enter")
    assert "does not answer" in browser.wait(f"{alert}?.textContent")
    assert browser.evaluate(f"{field}.value") == "Hello?", "what was not sent can be sent again"
    assert browser.evaluate("document.querySelectorAll('.dialogue li.you').length") == 0
    browser.evaluate("tap.blocks.length = 0")
    with demo(place):
        browser.wait("window.avatarBridge.connected", 60)
        browser.wait("document.querySelector('.status').textContent === 'Ready'")
        assert browser.evaluate(f"{alert} === null && document.querySelector('.stop').disabled")
        before = browser.evaluate("window.avatarBridge.counters().frames")
        browser.wait(f"window.avatarBridge.counters().frames > {before} + 60")
        say(place, "I am back.")
        assert browser.wait("tap.blocks.length > 0", 60)


def picture(png: bytes) -> np.ndarray:
    """[H, W, 4] the pixels of a PNG."""
    with av.open(io.BytesIO(png)) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgba")
