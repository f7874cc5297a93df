"""From a recording or a text to takes: the count of frames, the same result for any blocks, and bounded memory."""

import asyncio
import tracemalloc
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import DeviceError, InputError
from bridge.layers.mixer import Mixer
from bridge.offline import Made, animate, progress, record
from bridge.speaking import Spoken
from bridge.takes import open_takes
from bridge.timebase import SAMPLE_RATE_HZ, SAMPLES_PER_FRAME, frames_for_samples
from bridge.types import SHAPE_INDEX, AudioChunk, Motion, freeze, motion

pytestmark = pytest.mark.law

JAW = SHAPE_INDEX["jawOpen"]


class LoudnessFace:
    """A face model small enough to see through: the jaw opens with the loudness of the frame `LOOKAHEAD` later."""

    LOOKAHEAD = 3

    def __init__(self) -> None:
        self.reset()

    @property
    def lookahead_ms(self) -> int:
        return 50

    def reset(self) -> None:
        self._held = np.zeros(0, np.float32)
        self._count = self._next = 0

    def push(self, samples: np.ndarray) -> Motion:
        self._count += len(samples)
        return self._frames(samples, self._count // SAMPLES_PER_FRAME - self.LOOKAHEAD)

    def flush(self) -> Motion:
        silence = np.zeros((self.LOOKAHEAD + 1) * SAMPLES_PER_FRAME, np.float32)
        return self._frames(silence, frames_for_samples(self._count))

    def _frames(self, samples: np.ndarray, end: int) -> Motion:
        self._held = np.concatenate([self._held, samples])
        count, first = max(0, end - self._next), self._next
        ahead = self._held[self.LOOKAHEAD * SAMPLES_PER_FRAME :][: count * SAMPLES_PER_FRAME]
        face = np.zeros((count, 52), np.float32)
        face[:, JAW] = np.abs(ahead.reshape(count, SAMPLES_PER_FRAME)).max(axis=1)
        self._held = self._held[count * SAMPLES_PER_FRAME :]
        self._next += count
        return motion(first, face)


class Samples:
    """A source of samples that are there already, in chunks that end at `cuts`."""

    def __init__(self, samples: np.ndarray, cuts: list[int]) -> None:
        self._samples, self._cuts = samples, sorted(cuts)

    def chunks(self) -> Iterator[AudioChunk]:
        for start, end in zip([0, *self._cuts], [*self._cuts, len(self._samples)], strict=True):
            yield AudioChunk(start, SAMPLE_RATE_HZ, freeze(self._samples[start:end]))


class Kept:
    """Takes that stay in memory."""

    def __init__(self) -> None:
        self.frames: list[Motion] = []
        self.samples: list[np.ndarray] = []

    def write(self, frames: Motion, samples: np.ndarray) -> None:
        self.frames.append(frames)
        self.samples.append(samples)

    def arrays(self) -> dict[str, np.ndarray]:
        names = ("face", "head_rad", "gaze_rad", "pose_rad")
        return {name: np.concatenate([getattr(f, name) for f in self.frames]) for name in names}


def speechlike(count: int) -> np.ndarray:
    t = np.arange(count) / SAMPLE_RATE_HZ
    return (0.5 * np.sin(2 * np.pi * 140 * t) * np.sin(np.pi * 2 * t) ** 2).astype(np.float32)


def made_of(samples: np.ndarray, cuts: list[int], mixer: Mixer | None) -> tuple[Made, Kept]:
    kept = Kept()
    return animate(Samples(samples, cuts), LoudnessFace(), mixer, kept), kept


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 20_000), st.data())
def test_frames_and_samples_add_up_for_any_blocks(count, data):
    cuts = data.draw(st.lists(st.integers(0, count), max_size=6))
    samples = speechlike(count)
    made, kept = made_of(samples, cuts, None)
    assert (made.frames, made.samples) == (-(-count // 400), count)
    np.testing.assert_array_equal(np.concatenate(kept.samples), samples)
    assert [frame for part in kept.frames for frame in range(part.first_index, part.end_index)] == [*range(made.frames)]


@settings(deadline=None, max_examples=15)
@given(st.lists(st.integers(0, 48_000), max_size=5))
def test_mixed_frames_are_the_same_for_any_blocks(cuts):
    samples = speechlike(48_000)
    whole, pieces = made_of(samples, [], Mixer(7))[1].arrays(), made_of(samples, cuts, Mixer(7))[1].arrays()
    for name, array in whole.items():
        np.testing.assert_allclose(pieces[name], array, atol=1e-6, err_msg=name)


def test_the_mixer_adds_life_and_leaves_the_mouth_to_the_voice():
    samples = speechlike(10 * SAMPLE_RATE_HZ)
    raw, mixed = made_of(samples, [], None)[1].arrays(), made_of(samples, [], Mixer(3))[1].arrays()
    inside = slice(10, None)
    np.testing.assert_allclose(mixed["face"][inside, JAW], raw["face"][inside, JAW], atol=1e-6)
    assert mixed["face"][:, SHAPE_INDEX["eyeBlinkLeft"]].max() > 0.8, "it blinks within ten seconds"
    assert not raw["face"][:, SHAPE_INDEX["eyeBlinkLeft"]].any()
    assert mixed["head_rad"].any() and not raw["head_rad"].any()


def test_seeds_repeat_and_differ():
    samples = speechlike(SAMPLE_RATE_HZ)
    first, again, other = (made_of(samples, [], Mixer(seed))[1].arrays()["head_rad"] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-4


def test_a_model_may_be_used_again():
    model, samples = LoudnessFace(), speechlike(3000)
    first, second = Kept(), Kept()
    animate(Samples(samples, []), model, None, first)
    animate(Samples(samples, []), model, None, second)
    np.testing.assert_array_equal(first.arrays()["face"], second.arrays()["face"])


def test_speech_gives_what_its_recording_would():
    samples, model = speechlike(9000), LoudnessFace()

    async def pieces() -> AsyncGenerator[Spoken, None]:
        for start in range(0, len(samples), 1234):
            piece = freeze(samples[start : start + 1234])
            yield Spoken("", piece, model.push(piece))
        yield Spoken("", freeze(np.zeros(0)), model.flush(), closes=True)

    spoken, heard = Kept(), []
    made = asyncio.run(record(pieces(), Mixer(5), spoken, heard.append))
    assert made.samples == 9000 and sum(heard) == pytest.approx(9000 / SAMPLE_RATE_HZ)
    for name, array in made_of(samples, [], Mixer(5))[1].arrays().items():
        np.testing.assert_allclose(spoken.arrays()[name], array, atol=1e-6, err_msg=name)


def test_speech_is_closed_where_it_can_not_be_written():
    closed = []

    class Full(Kept):
        def write(self, frames: Motion, samples: np.ndarray) -> None:
            raise DeviceError("a.csv can't be written: no space left on device.")

    async def pieces() -> AsyncGenerator[Spoken, None]:
        try:
            while True:
                yield Spoken("", freeze(np.zeros(400)), motion(0, np.zeros((0, 52))))
        finally:
            closed.append(True)

    async def scene() -> None:
        with pytest.raises(DeviceError):
            await record(pieces(), None, Full())
        assert closed, "before the voices end, and not at the end of the loop"

    asyncio.run(scene())


def test_progress_counts_seconds_and_hides_where_nobody_looks(capsys):
    seen: list[float] = []
    animate(Samples(speechlike(36_000), [10_000]), LoudnessFace(), None, Kept(), seen.append)
    assert sum(seen) == pytest.approx(1.5)
    with progress("a.wav", 1.5) as advance:
        advance(1.5)
    assert capsys.readouterr().err == ""


def test_memory_does_not_grow_with_the_length(tmp_path: Path):
    def peak(seconds: int) -> int:
        second = speechlike(SAMPLE_RATE_HZ)

        class Endless:
            def chunks(self) -> Iterator[AudioChunk]:
                for index in range(seconds):
                    yield AudioChunk(index * SAMPLE_RATE_HZ, SAMPLE_RATE_HZ, second)

        tracemalloc.start()
        with open_takes([tmp_path / "a.npz", tmp_path / "a.csv"]) as takes:
            animate(Endless(), LoudnessFace(), Mixer(1), takes)
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    peak(1)  # imports
    assert peak(90) < peak(30) + 1_000_000, "a minute of motion alone is 1.9 MB, of sound 2.9 MB"


def test_a_source_that_breaks_leaves_no_take(tmp_path: Path):
    class Broken:
        def chunks(self) -> Iterator[AudioChunk]:
            yield AudioChunk(0, SAMPLE_RATE_HZ, freeze(speechlike(4000)))
            raise InputError("a.wav is cut short.")

    with pytest.raises(InputError), open_takes([tmp_path / "a.npz", tmp_path / "a.csv"]) as takes:
        animate(Broken(), LoudnessFace(), None, takes)
    assert list(tmp_path.iterdir()) == []
