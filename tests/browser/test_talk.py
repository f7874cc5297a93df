"""A visitor before the page, in a real Chromium: heard through its microphone, seen through its camera, remembered.

The browser's fake devices stand in for real ones: a recording is the microphone, a test picture the camera.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
import wave
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
import pytest
import soxr
from starlette.requests import Request
from starlette.responses import Response
from websockets.sync.client import connect

from bridge.dialogue import HEARING_RATE_HZ
from bridge.providers import asr
from tests.fakes.chat_completions import DONE, MODEL, ChatCompletions, event, said
from tests.questions import QUESTIONS, spoken, voices
from tools.bench_sync import free_port, wait_for
from tools.browser import Browser, find_chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(find_chromium() is None, reason="no Chromium, Chrome or Edge is installed"),
]
needs_ears = pytest.mark.skipif(not asr.default(), reason="there is no recogniser: no whisper model, no pocketsphinx")

DEVICES = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
DEVICE_RATE_HZ = 48_000
GREETING = '[avatar]\ngreeting = "Hello."\n'
"""Short, since most tests wait for its end."""
QUESTION = QUESTIONS[0]
ROWS = "[...document.querySelectorAll('.dialogue li{kind}')].map((row) => row.textContent.trim())"
YOURS, AVATARS = ROWS.format(kind=".you"), ROWS.format(kind=".avatar:not(.growing)")
GREETED = f"{AVATARS}.length > 0"
ALERT = "document.querySelector('[role=alert]')?.textContent.trim()"
SAID = "document.querySelector('.said')"
TOP = "document.querySelector('.said li').getBoundingClientRect().top"
LAST_IN_SIGHT = (
    f"{SAID}.clientHeight > 0 && {SAID}.scrollHeight > {SAID}.clientHeight && "
    f"Math.abs([...{SAID}.querySelectorAll('li')].at(-1).getBoundingClientRect().bottom "
    f"- {SAID}.getBoundingClientRect().bottom) < 2"
)
STATUS = "document.querySelector('.status').textContent"


@contextmanager
def serving(home: Path, settings: str = "") -> Iterator[int]:
    """A bridge with these settings and a home of its own; its port."""
    home.mkdir(exist_ok=True)
    (home / "bridge.toml").write_text(GREETING + settings, "utf-8")
    port = free_port()
    command = [sys.executable, "-m", "bridge.cli", "serve", "--port", str(port)]
    environment = {**os.environ, "AVATAR_BRIDGE_HOME": str(home)}
    process = subprocess.Popen(command, cwd=Path(__file__).parents[2], env=environment, stdout=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with serving(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture(scope="module")
def question(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of a visitor who waits, asks, and waits for the answer."""
    return record(tmp_path_factory.mktemp("sound") / "question.wav", 2.0, 30.0)


def record(path: Path, before_s: float, after_s: float) -> Path:
    """Write the question between two silences."""
    speech = spoken(QUESTION.text, voices()[-1])
    samples = soxr.resample(0.7 * speech / np.abs(speech).max(), HEARING_RATE_HZ, DEVICE_RATE_HZ)
    silences = [np.zeros(int(s * DEVICE_RATE_HZ)) for s in (before_s, after_s)]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(DEVICE_RATE_HZ)
        file.writeframes((np.concatenate([silences[0], samples, silences[1]]) * 32767).astype("<i2").tobytes())
    return path


def wide(flags: Sequence[str] = ()) -> Browser:
    """A browser that has room for the dialogue."""
    return Browser(width=1280, height=800, flags=flags)


def open_page(browser: Browser, port: int) -> None:
    """Open the page, start it, and wait until its avatar has greeted."""
    browser.go(f"http://127.0.0.1:{port}/?render=0&primary=1")
    browser.wait("window.avatarBridge?.ready", 60)
    browser.click(".start")
    browser.wait(GREETED, 60)
    browser.wait(f"{STATUS} === 'Ready'", 60)


def write(browser: Browser, text: str) -> None:
    browser.evaluate("document.querySelector('textarea').focus()")
    browser.type(text)
    browser.press("Enter")


@needs_ears
def test_a_spoken_question_is_shown_and_answered(port: int, question: Path) -> None:
    with wide([*DEVICES, f"--use-file-for-fake-audio-capture={question}%noloop"]) as browser:
        open_page(browser, port)
        before = browser.evaluate(f"{AVATARS}.length")
        browser.click(".microphone")
        browser.wait(f"{STATUS} === 'Listening'")
        assert browser.wait(f"{YOURS}.some((row) => row.includes('{QUESTION.word}'))", 60)
        browser.wait(f"{STATUS} === 'Speaking'", 60)
        assert browser.wait(f"{AVATARS}.length > {before}", 60)
        assert QUESTION.word in browser.evaluate(AVATARS)[-1]
        assert browser.evaluate("document.querySelector('.scripted').textContent").strip().startswith("A scripted")
        browser.click(".microphone")
        assert browser.wait(f"{STATUS} === 'Ready'")


@needs_ears
def test_a_kiosk_listens_without_a_hand(port: int, question: Path) -> None:
    with wide([*DEVICES, f"--use-file-for-fake-audio-capture={question}%noloop"]) as browser:
        browser.go(f"http://127.0.0.1:{port}/stage?mic=1&render=0&primary=1&visitor=kiosk")
        browser.wait("window.avatarBridge?.audible", 90)
        assert browser.evaluate("document.querySelector('.curtain').hidden")
    turns = httpx.get(f"http://127.0.0.1:{port}/api/memory?visitor=kiosk").json()["turns"]
    assert QUESTION.word in turns[0]["text"]


@needs_ears
def test_a_button_that_is_held_is_listened_to(tmp_path: Path) -> None:
    recording = record(tmp_path / "again.wav", 1.0, 3.0)
    flags = [*DEVICES, f"--use-file-for-fake-audio-capture={recording}"]
    with serving(tmp_path / "home", '[turns]\nmode = "push"\n') as port, wide(flags) as browser:
        open_page(browser, port)
        browser.click(".microphone")
        browser.wait(f"{STATUS} === 'Hold the button to talk'", 60)
        hold(browser, "keyDown")
        # The recording comes round again and again, and may begin in the middle.
        browser.wait(f"{YOURS}.some((row) => row.includes('opening'))", 60)
        hold(browser, "keyUp")
        assert browser.wait(f"{AVATARS}.length > 1", 60)


def hold(browser: Browser, kind: str) -> None:
    """The space bar goes down or up."""
    browser.call("Input.dispatchKeyEvent", type=kind, key=" ", code="Space")


def test_what_is_written_is_answered_and_what_is_told_can_be_corrected_and_forgotten(port: int) -> None:
    with wide() as browser:
        open_page(browser, port)
        write(browser, "My name is Ada.")
        browser.wait(f"{AVATARS}.length > 1", 60)
        visitor = browser.evaluate("localStorage.getItem('avatar-bridge visitor')")
        fact = "document.querySelector('.about li input')"
        browser.click(".dialogue header button:last-child")
        assert "Ada" in browser.wait(f"{fact}?.value")
        browser.evaluate(f"({fact}.value = 'Name: Grace', {fact}.dispatchEvent(new Event('change')))")
        assert remembered(browser, port, visitor, "Grace")
        browser.click(".about li button")
        browser.wait(f"{fact} === null")
        assert known(port, visitor)["facts"] == []
        assert len(known(port, visitor)["turns"]) > 1
        for _ in range(2):
            browser.click(".about .forget")
        browser.wait(f"{YOURS}.length === 0")
        assert known(port, visitor)["turns"] == []


def known(port: int, visitor: str) -> dict[str, list[dict[str, str]]]:
    """What the bridge knows of a visitor."""
    return httpx.get(f"http://127.0.0.1:{port}/api/memory?visitor={visitor}").raise_for_status().json()


def remembered(browser: Browser, port: int, visitor: str, word: str) -> bool:
    """Whether the page shows, and the bridge has, a fact with this word."""
    browser.wait(f"document.querySelector('.about li button')?.ariaLabel.includes('{word}')")
    return any(word in fact["text"] for fact in known(port, visitor)["facts"])


def test_a_dialogue_is_there_again_after_a_reload(port: int) -> None:
    with wide() as browser:
        open_page(browser, port)
        write(browser, "Hello!")
        browser.wait(f"{AVATARS}.length > 1", 60)
        answer = browser.evaluate(AVATARS)[-1]
        visitor = browser.evaluate("localStorage.getItem('avatar-bridge visitor')")
        # It is remembered a moment after it is shown to have been heard.
        while [turn["role"] for turn in known(port, visitor)["turns"][-2:]] != ["user", "assistant"]:
            time.sleep(0.1)
        browser.go(f"http://127.0.0.1:{port}/?render=0")
        assert browser.wait(f"{AVATARS}.includes({json.dumps(answer)})", 60)


def test_the_last_words_can_be_read_on_a_phone(port: int) -> None:
    with wide() as browser:
        browser.go(f"http://127.0.0.1:{port}/?render=0&visitor=phone")
        browser.wait("performance.getEntriesByType('resource').some(({ name }) => name.includes('/api/memory'))", 60)
        for count in range(1, 11):
            write(browser, f"Stop {count}.")
            browser.wait(f"{YOURS}.length === {count}")
        for size in ((390, 844), (390, 500), (844, 390), (360, 640)):
            browser.size(*size)
            browser.wait(f"innerWidth === {size[0]} && innerHeight === {size[1]} && {LAST_IN_SIGHT}")
            assert browser.evaluate(f"{SAID}.clientHeight") > 120
        browser.size(360, 300)
        browser.wait(f"{SAID}.clientHeight === 0 && document.querySelector('.caption').clientHeight > 20")
        browser.size(390, 500)
        write(browser, "And the last.")
        assert browser.wait(f"{YOURS}.length === 11 && {LAST_IN_SIGHT}")
        browser.evaluate(f"{SAID}.scrollTop = -{SAID}.scrollHeight")
        top = browser.wait(f"!({LAST_IN_SIGHT}) && {TOP}")
        write(browser, "Who reads above is left there.")
        assert abs(browser.wait(f"{YOURS}.length === 12 && {TOP}") - top) < 1


def test_an_answer_that_is_stopped_ends_with_an_ellipsis(port: int) -> None:
    with wide() as browser:
        open_page(browser, port)
        write(browser, "Tell me about yourself.")
        browser.wait("!!document.querySelector('.dialogue li.avatar.growing')", 60)
        begun_s = browser.evaluate("window.avatarBridge.shownS")
        browser.wait(f"window.avatarBridge.shownS > {begun_s} + 1")
        browser.press("Escape")
        assert browser.wait(f"{AVATARS}.at(-1).endsWith('…')")


@pytest.mark.parametrize(
    ("permission", "flags", "words"),
    [("denied", DEVICES[:1], "keeps the microphone from this page"), ("granted", (), "no microphone on this machine")],
)
def test_why_there_is_no_microphone_is_told(port: int, permission: str, flags: tuple[str, ...], words: str) -> None:
    with wide(flags) as browser:
        browser.call("Browser.setPermission", permission={"name": "microphone"}, setting=permission)
        open_page(browser, port)
        browser.click(".microphone")
        assert words in browser.wait(ALERT)
        assert browser.evaluate("document.querySelector('.microphone').dataset.state") == "off"
        browser.go(f"http://127.0.0.1:{port}/stage?render=0&mic=1")
        assert words in browser.wait("document.querySelector('.curtain:not([hidden])')?.textContent")


def test_a_page_from_elsewhere_without_https_is_told_what_it_takes(tmp_path: Path) -> None:
    settings = '[server]\nhost = "0.0.0.0"\ntoken = "open"\n'
    flags = [*DEVICES, "--host-resolver-rules=MAP bridge.test 127.0.0.1"]
    with serving(tmp_path / "home", settings) as port, wide(flags) as browser:
        browser.go(f"http://bridge.test:{port}/?render=0&token=open")
        browser.wait("window.avatarBridge?.connected", 60)
        browser.click(".start")
        browser.wait("document.querySelector('.veil') === null")
        browser.click(".microphone")
        assert "HTTPS" in browser.wait(ALERT)


@needs_ears
def test_who_comes_while_another_talks_is_let_in_later(port: int, question: Path) -> None:
    flags = [*DEVICES, f"--use-file-for-fake-audio-capture={question}"]
    other = f"ws://127.0.0.1:{port}/ws/mic?visitor=other&sample_rate_hz=16000"
    with wide(flags) as browser:
        with connect(other) as first:
            first.recv(60)
            open_page(browser, port)
            browser.click(".microphone")
            assert "somebody else" in browser.wait(ALERT, 60)
        browser.wait(f"{STATUS} === 'Listening'", 60)
        assert browser.evaluate("document.querySelector('[role=alert]')") is None


def test_the_studio_tells_what_the_visitor_seems_to_feel_and_what_is_wrong(port: int) -> None:
    panel = "document.querySelector('.studio .tools').textContent"
    with wide() as browser:
        open_page(browser, port)
        browser.click(".tune")
        browser.wait("document.querySelectorAll('.studio [role=tab]').length > 3")
        browser.click(".studio [role=tab]:last-child")
        browser.wait(f"{panel}.includes('Nobody has said anything')")
        write(browser, "I am so happy today, this is wonderful!")
        assert browser.wait(f"{panel}.includes('happy') && {panel}.includes('text')", 60)
        assert browser.evaluate(f"{panel}.includes('Last problem')")


class Onlooker(ChatCompletions):
    """A language model that looks at its visitor, and then says whether it saw a picture."""

    async def answer(self, request: Request) -> Response:
        last = json.loads(await request.body())["messages"][-1]
        if last["role"] == "user" and isinstance(last["content"], str):
            call = {"index": 0, "id": "1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
            self.pieces = [event({"role": "assistant", "tool_calls": [call]}), event({}, "tool_calls"), DONE]
        else:
            self.pieces = said("I can see you." if last["role"] == "user" else "I see nothing.")
        return await super().answer(request)

    @property
    def picture(self) -> bytes:
        """The picture that it was shown last. After an answer it may be asked what to remember, which shows none."""
        contents = [json.loads(body)["messages"][-1]["content"] for body in self.bodies]
        parts = [part for content in contents if isinstance(content, list) for part in content]
        url = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"][-1]
        return base64.b64decode(url.partition(",")[2])


@needs_ears
def test_the_avatar_looks_only_with_consent(tmp_path: Path) -> None:
    silence = record(tmp_path / "silence.wav", 60.0, 0.0)
    flags = [*DEVICES, f"--use-file-for-fake-audio-capture={silence}%noloop"]
    with Onlooker() as model:
        mind = f'[mind]\nprovider = "openai"\n[mind.settings]\nbase_url = "{model.url}/v1"\nmodel = "{MODEL}"\n'
        with serving(tmp_path / "home", mind) as port, wide(flags) as browser:
            open_page(browser, port)
            browser.click(".microphone")
            browser.wait(f"{STATUS} === 'Listening'", 60)
            write(browser, "What do you see?")
            browser.wait(f"{AVATARS}.some((row) => row.includes('I see nothing.'))", 60)
            browser.click(".look input")
            write(browser, "And now?")
            browser.wait(f"{AVATARS}.some((row) => row.includes('I can see you.'))", 60)
            assert "looked through your camera" in browser.evaluate(ROWS.format(kind=".note"))[-1]
            assert model.picture.startswith(b"\xff\xd8\xff")
            assert browser.evaluate("document.querySelector('.scripted')") is None
