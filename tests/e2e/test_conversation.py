"""Whole spoken conversations with a running server: real detector, recogniser, voice and face, over its own sockets.

Five visitors at five avatars ask two questions each, while a sixth talks over an answer and a seventh silences the
avatar by a request. What was recorded of it is what the tests look at. Questions are sent faster than they are spoken:
ears count time in samples. Where the avatar is talked over, the microphone runs in real time.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import re
import time
from contextlib import AsyncExitStack
from functools import cache, cached_property

import httpx
import numpy as np
import pytest
import websockets

from bridge.dialogue import HEARING_RATE_HZ
from bridge.playout import LEAD_FRAMES
from bridge.providers.llm._companion import english
from bridge.session import RECEIVER_BUFFER_FRAMES
from bridge.timebase import SAMPLE_RATE_HZ, SAMPLES_PER_FRAME
from bridge.types import SHAPE_INDEX
from bridge.wire import stream
from tests.e2e.test_demo import command, free_port, interrupt
from tests.questions import QUESTIONS, spoken, voices

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        importlib.util.find_spec("pocketsphinx") is None,
        reason="pocketsphinx, the recogniser without a download, has no wheel for this Python",
    ),
]

JAW = SHAPE_INDEX["jawOpen"]
VOICE = voices()[-1]
PIECE = HEARING_RATE_HZ // 10
QUIET = np.zeros(HEARING_RATE_HZ * 3 // 2, np.float32)
HELP, COLOUR = QUESTIONS[5], QUESTIONS[4]
HEARD_S = 3.0
"""How much of an answer is heard before it is talked over: the echo gate needs two seconds where there is no echo."""
MOST_CHARACTERS_A_S = 25
WAIT_S = 120.0
_TAG = re.compile(r"^\(\w+\)\s*|\[[^\]]*\]\s*")


@cache
def said(question):
    """A question, and a silence that ends the turn."""
    return np.concatenate([spoken(question.text, VOICE), QUIET])


class Visitor:
    """A visitor of an avatar of their own: what they send, and all that came, in order."""

    def __init__(self, port, subject):
        self.port, self.subject = port, subject
        self.told, self.data, self.heard = [], [], []
        self._news = asyncio.Event()
        self._stack = AsyncExitStack()

    async def __aenter__(self):
        base = f"ws://127.0.0.1:{self.port}/ws"
        query = f"?subject={self.subject}&visitor={self.subject}"
        for path, keep in (("stream", self.data.append), ("mic", lambda text: self.told.append(json.loads(text)))):
            socket = await self._stack.enter_async_context(
                websockets.connect(f"{base}/{path}{query if path == 'mic' else f'?subject={self.subject}'}")
            )
            reading = asyncio.create_task(self._read(socket, keep))
            self._stack.callback(reading.cancel)
        self.microphone = socket
        return self

    async def __aexit__(self, *error):
        await self._stack.aclose()

    async def _read(self, socket, keep):
        async for data in socket:
            keep(data)
            self._news.set()

    async def until(self, done):
        try:
            async with asyncio.timeout(WAIT_S):
                while not done():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"{self.subject}: it never came; told {self.told}") from None

    async def speak(self, samples, *, realtime=False):
        begun = time.monotonic()
        pcm = stream.pcm16(samples)
        for at in range(0, len(pcm), PIECE):
            if realtime:
                await asyncio.sleep(begun + (at + PIECE) / HEARING_RATE_HZ - time.monotonic())
            await self.microphone.send(pcm[at : at + PIECE].tobytes())

    async def ask(self, question, *, realtime=False):
        """Ask, and wait until all of the answer was heard: what the question was recognised as, and the answer."""
        begun = len(self.told)
        await self.speak(said(question), realtime=realtime)
        await self.until(lambda: any(m["complete"] for m in self.answers(begun)) and self.states()[-1] == "listening")
        return " ".join(self.transcripts(begun)), self.answers(begun)[-1]["text"]

    def of(self, kind, since=0):
        return [message for message in self.told[since:] if message["type"] == kind]

    def transcripts(self, since=0):
        return [m["text"] for m in self.of("transcript", since) if m["final"] and m["text"]]

    def answers(self, since=0):
        return [m for m in self.of("answered", since) if m["text"]]

    def states(self):
        return [m["state"] for m in self.of("turn")]

    def sound_s(self):
        """Seconds of sound that have arrived."""
        return sum(len(data) - 16 for data in self.data if data[3] == stream.AUDIO) / 2 / SAMPLE_RATE_HZ

    def epoch(self):
        return stream.HEADER.unpack_from(self.data[-1])[3]

    @cached_property
    def messages(self):
        """All of the stream; ask when it is over."""
        layout, messages = None, []
        for data in self.data:
            message = stream.decode(data, layout)
            layout = getattr(message, "layout", layout)
            messages.append(message)
        return messages


class Evening:
    """What happened: `asked` has the question, what it was recognised as, and the answer."""

    def __init__(self):
        self.asked = {}
        self.visitors = {}
        self.memories = {}


@pytest.fixture(scope="module")
def evening(tmp_path_factory):
    port, home = free_port(), tmp_path_factory.mktemp("home")
    # Five at once on a busy machine: one recogniser hears them one after the other.
    (home / "bridge.toml").write_text("[turns]\nrecognition_s = 120.0\nreply_s = 120.0\n", "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AVATAR_BRIDGE_HOME", str(home))
        patch.setenv("OMP_NUM_THREADS", "1")
        process = command("serve", "--port", str(port))
    line = process.stdout.readline()
    assert str(port) in line, line + (process.stderr.read() if process.poll() is not None else "")
    try:
        yield asyncio.run(spend(port))
    finally:
        interrupt(process)
        _, err = process.communicate(timeout=20)
    assert "Traceback" not in err, err


async def spend(port):
    for question in QUESTIONS:
        said(question)  # which takes its time, in which nobody would read
    evening = Evening()
    async with AsyncExitStack() as stack:
        for subject in [f"hall{k}" for k in range(5)]:
            evening.visitors[subject] = await stack.enter_async_context(Visitor(port, subject))
        for subject in ("stops", "talks"):
            evening.visitors[subject] = await stack.enter_async_context(Visitor(port, subject))

        async def ask(visitor, questions):
            evening.asked[visitor.subject] = [(q, *await visitor.ask(q)) for q in questions]

        halls = [evening.visitors[f"hall{k}"] for k in range(5)]
        asking = [ask(hall, QUESTIONS[2 * k : 2 * k + 2]) for k, hall in enumerate(halls)]
        await asyncio.gather(*asking, silence(evening.visitors["stops"]), talk_over(evening.visitors["talks"]))
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
            for name in evening.visitors:
                answer = await http.get("/api/memory", params={"subject": name, "visitor": name})
                evening.memories[name] = [(t["role"], t["text"], t["interrupted"]) for t in answer.json()["turns"]]
    return evening


async def silence(visitor):
    """Ask by typing, and silence the answer by a request."""
    await visitor.microphone.send(json.dumps({"type": "say", "text": "Can you help me please?"}))
    await visitor.until(lambda: visitor.sound_s() > 1.5)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{visitor.port}", timeout=30) as http:
        await http.post("/api/stop", json={"subject": visitor.subject})
    await visitor.until(lambda: visitor.epoch() == 1)
    seen = len(visitor.data)
    await visitor.until(lambda: len(visitor.data) > seen + 10)


async def talk_over(visitor):
    """Ask, and ask something else while the answer is being said."""

    async def listen():
        begun = visitor.sound_s()
        while visitor.sound_s() < begun + HEARD_S:
            await visitor.speak(np.zeros(PIECE, np.float32), realtime=True)

    await visitor.speak(said(HELP), realtime=True)
    await visitor.until(lambda: visitor.sound_s() > 0)
    await listen()
    await visitor.ask(COLOUR, realtime=True)


def answers_to(topic, text):
    """Whether a text is one of the companion's answers to a topic, perhaps with a question after it."""
    forms = [re.sub(r"\\{\w+\\}", ".+", re.escape(plain(answer))) for answer in answers(topic)]
    return any(re.match(form, text) for form in forms)


def answers(topic):
    return english.BOOK.topic(topic).answers


def plain(script):
    return _TAG.sub("", script).strip()


def test_eight_of_ten_spoken_questions_are_understood(evening):
    asked = [one for each in evening.asked.values() for one in each]
    right = [question.word in heard.split() for question, heard, _ in asked]
    assert len(asked) == len(QUESTIONS) and sum(right) >= 8, [(q.text, heard) for q, heard, _ in asked]


def test_each_answer_is_to_what_was_understood(evening):
    for question, heard, answer in (one for each in evening.asked.values() for one in each):
        understood = question.word in heard.split()
        assert answers_to(question.topic, answer) == understood, (question.text, heard, answer)


def test_visitors_at_once_do_not_mix(evening):
    for name, asked in evening.asked.items():
        said = [text for role, text, _ in evening.memories[name] if role == "user"]
        assert said == [heard for _, heard, _ in asked]
        answers = [text for role, text, _ in evening.memories[name] if role == "assistant"]
        assert answers == [answer for *_, answer in asked]
        captions = [m.fields["text"] for m in events(evening.visitors[name], "caption")]
        assert " ".join(captions) == " ".join(answers)


def test_sound_never_goes_back_and_each_sample_has_its_frame(evening):
    for visitor in evening.visitors.values():
        for epoch in {m.epoch for m in visitor.messages}:
            audio, frames = of_epoch(visitor, epoch)
            sent, end = under(frames), 0
            for message in audio:
                assert message.start_sample >= end, "sound goes back in time"
                end = message.start_sample + len(message.pcm16)
                assert set(range(message.start_sample // SAMPLES_PER_FRAME, -(-end // SAMPLES_PER_FRAME))) <= sent


def test_frames_grow_but_for_those_that_are_not_shown_yet(evening):
    for visitor in evening.visitors.values():
        for epoch in {m.epoch for m in visitor.messages}:
            end = 0
            for frames in of_epoch(visitor, epoch)[1]:
                assert frames.first_index >= end - LEAD_FRAMES - RECEIVER_BUFFER_FRAMES
                end = max(end, frames.first_index + len(frames))


def test_the_mouth_moves_while_there_is_sound(evening):
    for name in evening.asked:
        audio, frames = of_epoch(evening.visitors[name], 0)
        assert np.abs(np.concatenate([m.pcm16 for m in audio])).max() > 2000
        jaw = {f.first_index + i: f.curves[i, JAW] for f in frames for i in range(len(f))}
        said = [jaw[m.start_sample // SAMPLES_PER_FRAME] for m in audio]
        assert max(said) > 0.1 and min(said) < 0.05


@pytest.mark.parametrize("name", ["stops", "talks"])
def test_nothing_of_a_silenced_answer_leaves_after_the_stop(evening, name):
    visitor = evening.visitors[name]
    messages = visitor.messages
    epochs = [m.epoch for m in messages]
    assert epochs == sorted(epochs) and set(epochs) == {0, 1}
    first = messages[epochs.index(1)]
    assert isinstance(first, stream.EventMessage) and first.name == "stopped"
    assert not visitor.answers()[0]["complete"]


def test_a_stop_is_followed_by_silence_and_a_mouth_that_shuts(evening):
    audio, frames = of_epoch(evening.visitors["stops"], 1)
    assert not audio
    assert frames[-1].curves[-1, JAW] < 0.05


def test_talking_over_the_avatar_silences_it_and_is_answered(evening):
    visitor = evening.visitors["talks"]
    assert visitor.states().count("interrupted") == 1
    assert answers_to(COLOUR.topic, visitor.answers()[-1]["text"])
    audio, _ = of_epoch(visitor, 1)
    cut = cut_index(visitor) * SAMPLES_PER_FRAME
    assert audio and audio[0].start_sample > cut


@pytest.mark.parametrize("name", ["stops", "talks"])
def test_memory_holds_only_what_was_heard_of_a_silenced_answer(evening, name):
    visitor = evening.visitors[name]
    _, (role, heard, interrupted), *_ = evening.memories[name]
    assert role == "assistant" and interrupted
    assert heard == visitor.answers()[0]["text"]
    [whole] = [said for answer in answers(HELP.topic) if (said := plain(answer)).startswith(heard)]
    cut = cut_index(visitor) * SAMPLES_PER_FRAME
    captions = [m.fields for m in events(visitor, "caption") if m.epoch == 0 and m.fields["end_sample"] <= cut]
    assert len(heard) >= len(" ".join(caption["text"] for caption in captions)), "what was heard whole is missing"
    begun = min(m.start_sample for m in of_epoch(visitor, 0)[0])
    assert len(heard) < min(len(whole), MOST_CHARACTERS_A_S * (cut - begun) / SAMPLE_RATE_HZ), "not all was heard"


def events(visitor, name):
    return [m for m in visitor.messages if isinstance(m, stream.EventMessage) and m.name == name]


def of_epoch(visitor, epoch):
    """The sound and the frames of an epoch."""
    messages = [m for m in visitor.messages if m.epoch == epoch]
    audio = [m for m in messages if isinstance(m, stream.AudioMessage)]
    return audio, [m.frames for m in messages if isinstance(m, stream.FramesMessage)]


def under(frames):
    """The indices that frames were sent for."""
    return {index for f in frames for index in range(f.first_index, f.first_index + len(f))}


def cut_index(visitor):
    """The frame from which on the stop took back what had left."""
    return of_epoch(visitor, 1)[1][0].first_index
