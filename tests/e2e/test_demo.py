"""The demo as a user runs it: a process, its port, a client on the stream, its requests and its end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import numpy as np
import pytest
import websockets

from bridge.types import SHAPE_INDEX
from bridge.wire import stream

pytestmark = pytest.mark.e2e

JAW = SHAPE_INDEX["jawOpen"]
SINK = "osc://127.0.0.1:9"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def command(*arguments: str, **options):
    flags = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP} if sys.platform == "win32" else {}
    return subprocess.Popen(
        [sys.executable, "-m", "bridge.cli", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
        **flags,
        **options,
    )


def interrupt(process) -> None:
    process.send_signal(signal.CTRL_BREAK_EVENT if sys.platform == "win32" else signal.SIGINT)


@pytest.fixture(scope="module")
def demo():
    port = free_port()
    process = command("demo", "--no-open", "--port", str(port), "--to", SINK)
    line = process.stdout.readline()
    assert f"http://127.0.0.1:{port}/" in line, line + (process.stderr.read() if process.poll() is not None else "")
    yield port
    interrupt(process)
    process.communicate(timeout=20)


def post(port: int, path: str, body: object, raw: bytes | None = None):
    data = raw if raw is not None else json.dumps(body).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", data, {"Content-Type": "application/json"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.load(refusal)


def get(port: int, path: str):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
        return answer.status, answer.headers, answer.read()


async def collect(socket_, until, messages, layout=None):
    """Decode messages into a list until `until(message)` holds; the layout last heard."""
    async for data in socket_:
        message = stream.decode(data, layout)
        if isinstance(message, stream.LayoutMessage):
            layout = message.layout
        messages.append(message)
        if until(message):
            return layout
    raise AssertionError("the stream ended")


def is_event(name):
    return lambda m: isinstance(m, stream.EventMessage) and m.name == name


@pytest.mark.parametrize(
    ("text", "lang"), [("My mama may buy a big map.", ""), ("你好，我是你的朋友。", ""), ("Guten Tag!", "de")]
)
def test_a_typed_text_is_spoken_with_audio_and_frames_on_one_clock(demo, text, lang):
    async def run():
        messages = []
        async with websockets.connect(f"ws://127.0.0.1:{demo}/ws/stream") as client, asyncio.timeout(60):
            layout = await collect(client, lambda m: isinstance(m, stream.LayoutMessage), messages)
            status, answer = await asyncio.to_thread(post, demo, "/api/say", {"text": text, "lang": lang})
            assert status == 202 and set(answer) == {"utterance", "epoch"}
            await collect(client, is_event("stopped"), messages, layout)
        return messages

    messages = asyncio.run(run())
    audio = [m for m in messages if isinstance(m, stream.AudioMessage)]
    starts = [m.start_sample for m in audio]
    assert starts[1:] == [m.start_sample + len(m.pcm16) for m in audio][:-1], "gaps in the audio"
    samples = np.concatenate([m.pcm16 for m in audio])
    assert np.abs(samples).max() > 2000, "silence"
    jaw = {}
    for m in messages:
        if isinstance(m, stream.FramesMessage):
            jaw.update(
                zip(range(m.frames.first_index, m.frames.first_index + len(m.frames)), m.frames.curves, strict=True)
            )
    spoken = range(starts[0] // 400, (starts[-1] + len(audio[-1].pcm16)) // 400)
    assert set(spoken) <= set(jaw), "frames are missing under the audio"
    curves = np.stack([jaw[k] for k in spoken])
    assert curves[:, JAW].max() > 0.1 and curves[:, JAW].min() < 0.05, "the mouth does not move"
    captions = [m.fields for m in messages if is_event("caption")(m)]
    assert captions and captions[0]["text"] in text


def test_a_stop_ends_the_sound_and_raises_the_epoch(demo):
    async def run():
        messages, after = [], []
        async with websockets.connect(f"ws://127.0.0.1:{demo}/ws/stream") as client, asyncio.timeout(60):
            layout = await collect(client, lambda m: isinstance(m, stream.LayoutMessage), messages)
            await asyncio.to_thread(post, demo, "/api/say", {"text": "This is a long sentence. " * 20})
            await collect(client, lambda m: isinstance(m, stream.AudioMessage), messages, layout)
            _, answer = await asyncio.to_thread(post, demo, "/api/stop", {})
            await collect(client, is_event("stopped"), messages, layout)
            seen = []
            await collect(client, lambda m: seen.append(m) or len(seen) > 20, after, layout)
        return answer["epoch"], after

    epoch, after = asyncio.run(run())
    assert {m.epoch for m in after} == {epoch}
    assert not [m for m in after if isinstance(m, stream.AudioMessage)]


def test_json_shows_the_same_stream(demo):
    async def run():
        async with websockets.connect(f"ws://127.0.0.1:{demo}/ws/stream?format=json&audio=0") as client:
            return [json.loads(await client.recv()) for _ in range(5)]

    layout, *frames = asyncio.run(run())
    assert layout["type"] == "layout" and layout["fps"] == [60, 1] and len(layout["curves"]) == 52
    assert [f["type"] for f in frames] == ["frame"] * 4
    assert all(len(f["bones_wxyz"]) == len(layout["bones"]) for f in frames)


@pytest.mark.parametrize(
    "body",
    [
        {"text": ""},
        {"text": "😀😀"},
        {"text": "a" * 100_000},
        {"text": "hello", "lang": "klingon"},
        {"text": "hello", "emotion": "\ud800"},
        {"text": "hello", "intensity": 2},
        {"text": "hello", "subject": "../x"},
        {"txt": "hello"},
        {"text": 5},
        [],
    ],
)
def test_a_bad_request_is_refused_with_a_sentence(demo, body):
    status, answer = post(demo, "/api/say", body)
    assert 400 <= status < 500 and len(answer["error"]) > 10


def test_a_body_that_is_no_json_is_refused(demo):
    status, answer = post(demo, "/api/say", None, raw=b"{")
    assert 400 <= status < 500 and answer["error"]


def test_what_clients_send_wrongly_does_not_end_the_stream(demo):
    async def run():
        async with websockets.connect(f"ws://127.0.0.1:{demo}/ws/stream") as client, asyncio.timeout(20):
            for text in ("{", "[]", '{"type":"played"}', '{"type":"played","epoch":-1,"sample":0}', "é" * 999):
                await client.send(text)
            await client.send(b"\x00\xff")
            for _ in range(20):
                await client.recv()

    asyncio.run(run())
    assert b'bad_messages_total{subject="avatar"}' in get(demo, "/metrics")[2]


def test_pages_and_health(demo):
    for path in ("/", "/stage"):
        status, headers, page = get(demo, path)
        assert status == 200 and headers["content-type"].startswith("text/html") and b"<script" in page
    assert json.loads(get(demo, "/healthz")[2])["status"] == "ok"
    assert json.loads(get(demo, "/api/state")[2])["greeting"]["text"]


def test_it_goes_where_it_was_told_to(demo):
    assert [sink["url"] for sink in json.loads(get(demo, "/api/sinks")[2])["sinks"]] == [SINK]


def test_a_busy_port_is_one_sentence(demo):
    process = command("demo", "--no-open", "--port", str(demo))
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1 and out == ""
    assert err.count("\n") == 1 and "taken" in err and "Traceback" not in err


def test_ctrl_c_ends_cleanly_while_it_speaks():
    port = free_port()
    process = command("demo", "--no-open", "--port", str(port), "--say", "A sentence that takes a while to say. " * 5)
    process.stdout.readline()
    asyncio.run(_hear_audio(port))
    interrupt(process)
    _, err = process.communicate(timeout=20)
    assert process.returncode in (0, 130) and "Traceback" not in err


async def _hear_audio(port: int) -> None:
    async with websockets.connect(f"ws://127.0.0.1:{port}/ws/stream") as client, asyncio.timeout(30):
        await collect(client, lambda m: isinstance(m, stream.AudioMessage), [])
