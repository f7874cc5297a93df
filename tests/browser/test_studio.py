"""The studio in a real Chromium beside a real demo: what the hand moves is what every other client gets."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect

from bridge.types import SHAPE_INDEX
from tools.bench_sync import demo
from tools.browser import Browser, find_chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(find_chromium() is None, reason="no Chromium, Chrome or Edge is installed"),
]

JAW_GAIN = "rig.curves.jawOpen.gain"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AVATAR_BRIDGE_HOME", str(tmp_path_factory.mktemp("home")))
        with demo() as running:
            yield running


@pytest.fixture
def studio(port: int) -> Iterator[Browser]:
    """The page with its studio open, and nothing set yet."""
    with Browser(width=1000, height=800) as page:
        page.go(f"http://127.0.0.1:{port}/?render=0")
        page.wait("!!document.querySelector('.tune')")
        page.click(".tune")
        page.wait("!!document.querySelector('.studio [role=radio]')")
        yield page


def open_tab(studio: Browser, name: str) -> None:
    studio.evaluate(
        f"[...document.querySelectorAll('[role=tab]')].find((tab) => tab.textContent.trim() === '{name}').click()"
    )


def move(studio: Browser, label: str, value: float) -> None:
    """Move the slider `label`, as the hand does."""
    slider = f"document.querySelector('[aria-label={json.dumps(label)}]')"
    studio.wait(f"!!{slider}")
    studio.evaluate(f"({slider}.value = {value}, {slider}.dispatchEvent(new Event('input')))")


def until(client: ClientConnection, **wanted: object) -> dict[str, object]:
    while True:
        message = json.loads(client.recv(20))
        if wanted.items() <= message.items():
            return message


def test_a_shape_that_is_moved_is_held_for_every_engine_until_it_is_undone(studio: Browser, port: int) -> None:
    # Frames pile up unread at the end: where they may not, closing takes ten seconds.
    with connect(f"ws://127.0.0.1:{port}/ws/stream?format=json&audio=0", max_queue=None) as engine:
        open_tab(studio, "Shapes")
        move(studio, "Puff", 0.9)
        until_value(engine, 0.9)
        studio.wait("!document.querySelector('[aria-label=Undo]').disabled")
        studio.click('[aria-label="Undo"]')
        until_value(engine, 0.0)
        studio.wait("document.querySelector('[aria-label=Undo]').disabled")


def until_value(engine: ClientConnection, value: float) -> None:
    """Wait until the cheeks are puffed by `value`."""
    while True:
        message = json.loads(engine.recv(20))
        if message["type"] == "frame" and abs(message["curves"][SHAPE_INDEX["cheekPuff"]] - value) < 0.02:
            return


def test_what_others_set_moves_the_slider_and_save_keeps_it(studio: Browser, port: int) -> None:
    with connect(f"ws://127.0.0.1:{port}/ws/control") as other:
        open_tab(studio, "Rig")
        httpx.patch(f"http://127.0.0.1:{port}/api/rig", json={"set": {JAW_GAIN: 1.25}}).raise_for_status()
        studio.wait("[...document.querySelectorAll('summary')].some((row) => row.textContent.includes('gain 1.25'))")
        save = "[...document.querySelectorAll('.studio header button')].find((b) => b.textContent === 'Save rig')"
        studio.wait(f"!{save}.disabled")
        studio.evaluate(f"{save}.click()")
        until(other, type="state", unsaved=False, can_undo=True)
        studio.wait(f"{save}.disabled")


def test_the_rig_of_any_engine_is_picked_and_tuned(studio: Browser, port: int) -> None:
    with connect(f"ws://127.0.0.1:{port}/ws/control?rig=unity") as engine:
        open_tab(studio, "Rig")
        rig = "document.querySelector('select[aria-label=Rig]')"
        studio.wait(f"{rig}?.options.length > 10")
        assert studio.evaluate(f"{rig}.value") == "arkit"
        for name, curve in (("oculus_visemes", "viseme_aa"), ("unity", "jawOpen")):
            studio.evaluate(f"({rig}.value = '{name}', {rig}.dispatchEvent(new Event('change')))")
            rows = "[...document.querySelectorAll('summary')]"
            studio.wait(f"{rows}.some((row) => row.textContent.trim() === '{curve}')")
        studio.wait("document.querySelector('.studio header a').download === 'unity.toml'")
        opened = "[...document.querySelectorAll('details')].find((row) => row.textContent.includes('jawOpen'))"
        studio.evaluate(f"{opened}.open = true")
        gain = f"{opened}.querySelector('[aria-label=gain]')"
        studio.evaluate(f"({gain}.value = 1.5, {gain}.dispatchEvent(new Event('input')))")
        changed = until(engine, type="changed")
        assert (changed["path"], changed["value"]) == (JAW_GAIN, 1.5)
    assert httpx.get(f"http://127.0.0.1:{port}/api/rig?rig=arkit").json()["unsaved"] is False


def test_an_emotion_is_chosen_with_a_click(studio: Browser, port: int) -> None:
    with connect(f"ws://127.0.0.1:{port}/ws/control") as other:
        studio.click('[role="radio"]:nth-child(2)')
        assert until(other, type="changed")["value"] == "happy"
        studio.wait("document.querySelector('[role=radio]:nth-child(2)').ariaChecked === 'true'")
