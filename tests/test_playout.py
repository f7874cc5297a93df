"""The playout's laws: everything said is heard once, in order, in time, on the grid; nothing of it after a stop."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.layers.mixer import Mixer
from bridge.layers.speech import EASE_IN_FRAMES, EASE_OUT_FRAMES
from bridge.playout import (
    HISTORY_FRAMES,
    LEAD_FRAMES,
    PREBUFFER_FRAMES,
    START_FRAMES,
    Mark,
    Playout,
    Run,
)
from bridge.timebase import SAMPLES_PER_FRAME
from bridge.types import SHAPE_INDEX, freeze, motion
from bridge.wording import Span

pytestmark = pytest.mark.law

JAW = SHAPE_INDEX["jawOpen"]


IDLE = 0.06
"""Idle moves the jaw by less than this; speech in these tests by far more."""


def speech(first: int, count: int, jaw: float = 0.5):
    face = np.zeros((count, 52), np.float32)
    face[:, JAW] = jaw
    return motion(first, face)


def audio(count: int, value: float = 0.25):
    return freeze(np.full(count * SAMPLES_PER_FRAME, value))


def say(playout: Playout, count: int, **kwargs) -> None:
    mark = playout.begin_mark("stopped", at_end=True)
    playout.push(audio(count), speech(0, count, **kwargs))
    playout.finish()
    playout.end_mark(mark)


def runs(released) -> list[Run]:
    return [r for r in released if isinstance(r, Run)]


def test_idle_keeps_the_lead_and_leaves_no_gap():
    playout, at = Playout(Mixer(seed=1)), 0
    for due in (0, 1, 5, 6, 20):
        for run in runs(playout.release(due)):
            assert run.motion.first_index == at and len(run.samples) == 0
            at = run.motion.end_index
        assert at == due + LEAD_FRAMES


def test_an_utterance_starts_as_early_as_it_can_arrive_and_replaces_idle():
    playout = Playout(Mixer(seed=1))
    playout.release(100)
    say(playout, 10)
    first = runs(playout.release(101))[0]
    assert first.motion.first_index == 101 + START_FRAMES
    assert first.start_sample == first.motion.first_index * SAMPLES_PER_FRAME
    assert (np.abs(first.motion.face[EASE_IN_FRAMES:, JAW] - 0.5) < IDLE).all()


def test_the_next_utterance_follows_the_last_without_a_gap():
    playout = Playout(Mixer(seed=1))
    say(playout, 5)
    say(playout, 5)
    spoken = [r for r in runs(playout.release(0)) if len(r.samples)]
    assert (
        sum(len(r.samples) for r in spoken) == 10 * SAMPLES_PER_FRAME and spoken[0].motion.first_index == START_FRAMES
    )
    assert playout.speech_end_index == START_FRAMES + 10


@settings(deadline=None)
@given(st.data())
def test_all_that_is_said_is_heard_once_in_order_and_in_time(data):
    playout = Playout(Mixer(seed=1))
    due, said, heard, end = 0, [], [], 0
    value = 0
    for _ in range(data.draw(st.integers(1, 12))):
        if data.draw(st.booleans()):
            count = data.draw(st.integers(1, 40))
            values = np.repeat(np.arange(value, value + count) / 1000, SAMPLES_PER_FRAME).astype(np.float32)
            playout.push(freeze(values), speech(0, count))
            said.append(values)
            value += count
            if data.draw(st.booleans()):
                playout.finish()
        due += data.draw(st.integers(0, 80))
        for run in runs(playout.release(due)):
            assert run.motion.end_index <= due + LEAD_FRAMES
            if len(run.samples):
                assert len(run.samples) == len(run.motion) * SAMPLES_PER_FRAME
                assert run.motion.first_index >= due + START_FRAMES or run.motion.first_index == end
                assert run.motion.first_index >= end, "speech overlaps speech"
                end = run.motion.end_index
                heard.append(run.samples)
    playout.finish()
    while playout.waiting_frames:
        due += 7
        heard += [r.samples for r in runs(playout.release(due)) if len(r.samples)]
    np.testing.assert_array_equal(np.concatenate([*heard, []]), np.concatenate([*said, []]))


def played(playout: Playout, start: int, end: int, step: int) -> list[Run | Mark]:
    """All that is released from `start` to `end`, both of them due, and every `step` frames between."""
    return [item for due in (*range(start, end, step), end) for item in playout.release(due)]


STEP = st.integers(1, 8)


@given(spoken=st.integers(1, 60), due=st.integers(0, 60), behind=st.integers(0, 90), step=STEP)
def test_after_a_stop_nothing_more_is_said_and_the_mouth_shuts_in_time(spoken, due, behind, step):
    playout = Playout(Mixer(seed=1))
    say(playout, spoken)
    played(playout, 0, due, step)
    shown, end = due - behind, playout.speech_end_index
    stopped = runs(playout.stop(due, shown))
    assert sum(len(run.samples) for run in stopped) == 0
    jaw = np.concatenate([run.motion.face[:, JAW] for run in stopped])
    first = stopped[0].motion.first_index
    assert first == max(min(shown, due), due - HISTORY_FRAMES, 0)
    assert (np.diff(jaw[1:]) <= IDLE / 2).all(), "the mouth opens again"
    if START_FRAMES + EASE_IN_FRAMES < first < end:
        assert jaw[0] > 0.4, "the mouth snaps shut"
    if first < end:
        assert (jaw[EASE_OUT_FRAMES:] < IDLE).all(), "the mouth stays open"
    later = played(playout, due + 1, due + 90, step)
    assert all(len(run.samples) == 0 for run in runs(later)) and not [r for r in later if isinstance(r, Mark)]
    assert all((run.motion.face[EASE_OUT_FRAMES:, JAW] < IDLE).all() for run in runs(later))


@given(spoken=st.integers(0, 60), at=st.integers(0, 60), behind=st.integers(0, 90), step=STEP)
def test_what_has_left_is_rendered_again_and_nothing_else_changes(spoken, at, behind, step):
    mixer = Mixer(seed=1)
    playout, plain = Playout(mixer), Playout(Mixer(seed=1))
    for each in (playout, plain):
        say(each, spoken)
        played(each, 0, at, step)
    (run,) = runs(playout.refresh(at, at - behind))
    first = max(at - behind, at - HISTORY_FRAMES, 0)
    assert (run.motion.first_index, run.motion.end_index) == (first, playout.next_index) and len(run.samples) == 0
    np.testing.assert_array_equal(run.motion.face, mixer.mix(first, playout.next_index - first).face)
    mixer.override.set("jawOpen", 0.9)
    assert (runs(playout.refresh(at, at - behind))[0].motion.face[:, JAW] >= 0.9 - 1e-6).all()
    mixer.override.release()
    later, same = (played(each, at + 1, at + 90, step) for each in (playout, plain))
    np.testing.assert_array_equal(
        np.concatenate([r.motion.face for r in runs(later)]), np.concatenate([r.motion.face for r in runs(same)])
    )
    np.testing.assert_array_equal(
        np.concatenate([r.samples for r in runs(later)]), np.concatenate([r.samples for r in runs(same)])
    )


def test_before_anything_has_left_there_is_nothing_to_render_again():
    assert Playout(Mixer(seed=1)).refresh(0, 0) == []


def test_the_end_of_an_utterance_fades_and_does_not_jump():
    playout = Playout(Mixer(seed=1))
    say(playout, 5, jaw=0.8)
    released = runs([r for due in range(40) for r in playout.release(due)])
    shown = np.zeros(80)
    for run in released:
        shown[run.motion.first_index : run.motion.end_index] = run.motion.face[:, JAW]
    end = playout.speech_end_index
    assert np.abs(np.diff(shown[end - 1 : end + 20])).max() < 0.25 and shown[end + EASE_OUT_FRAMES] < IDLE


def test_an_utterance_begins_when_enough_of_it_is_there_and_then_goes_on_with_what_comes():
    playout = Playout(Mixer(seed=1))
    playout.push(audio(PREBUFFER_FRAMES - 1), speech(0, PREBUFFER_FRAMES - 1))
    assert not [r for r in runs(playout.release(0)) if len(r.samples)]
    playout.push(audio(1), speech(PREBUFFER_FRAMES - 1, 1))
    assert sum(len(r.motion) for r in runs(playout.release(1)) if len(r.samples)) == PREBUFFER_FRAMES
    playout.push(audio(1), speech(PREBUFFER_FRAMES, 1))
    assert sum(len(r.motion) for r in runs(playout.release(2)) if len(r.samples)) == 1


def test_marks_come_with_their_place():
    playout = Playout(Mixer(seed=1))
    say(playout, 8)
    caption = playout.begin_mark("caption", text="two")
    playout.push(audio(40), speech(0, 40))
    playout.finish()
    playout.end_mark(caption)
    found = {}
    for due in range(80):
        for item in playout.release(due):
            if isinstance(item, Mark):
                found[item.name] = (due, item)
    due, stopped = found["stopped"]
    assert stopped.end_sample == (START_FRAMES + 8) * SAMPLES_PER_FRAME
    due, caption = found["caption"]
    assert due == 0 and caption.fields == {"text": "two"}
    assert caption.start_sample == stopped.end_sample
    assert caption.end_sample - caption.start_sample == 40 * SAMPLES_PER_FRAME


def test_what_is_said_when_counts_from_the_first_sample_and_goes_round_a_gap():
    playout = Playout(Mixer(seed=1))
    playout.push(freeze(np.zeros(20 * SAMPLES_PER_FRAME + 130)), speech(0, 20))
    caption = playout.begin_mark("caption")
    playout.push(freeze(np.zeros(270)), speech(20, 1))
    playout.push(audio(5), speech(21, 5))
    starved = runs(playout.release(10)) + runs(playout.release(22))
    playout.push(audio(20), speech(26, 20))
    playout.end_mark(caption, (Span(0, 1000, "a "), Span(1000, 2270, "b "), Span(2270, 6000, "c")))
    playout.finish()
    released = playout.release(60)
    (mark,) = [item for item in released if isinstance(item, Mark)]
    first, _, second = (run.start_sample for run in [*starved, *runs(released)] if len(run.samples))
    at = first + 20 * SAMPLES_PER_FRAME + 130
    assert second > at + 2270 and (at + 2270 - first) == 26 * SAMPLES_PER_FRAME
    assert mark.spans == (
        Span(at, at + 1000, "a "),
        Span(at + 1000, at + 2270, "b "),
        Span(second, second + 6000 - 2270, "c"),
    )
    assert mark.end_sample == second + 20 * SAMPLES_PER_FRAME


def test_a_sleep_skips_the_past_and_shifts_what_was_not_said():
    playout = Playout(Mixer(seed=1))
    say(playout, 100)
    playout.release(0)
    first = runs(playout.release(500))[0]
    assert first.motion.first_index == 500
    spoken = next(r for r in runs(playout.release(500)) + runs(playout.release(501)) if len(r.samples))
    assert spoken.motion.first_index >= 500 + START_FRAMES


@given(
    parts=st.lists(st.tuples(st.integers(PREBUFFER_FRAMES, 40), st.integers(0, 90)), min_size=1, max_size=4),
    before=st.integers(0, 30),
    back=st.integers(0, HISTORY_FRAMES - 1),
    odd=st.integers(0, SAMPLES_PER_FRAME - 1),
)
@settings(max_examples=60, deadline=None)
def test_what_was_spoken_is_counted_without_the_gaps_of_a_slow_voice(parts, before, back, odd):
    playout = Playout(Mixer(1))
    left: list[Run] = []
    due = 0
    if before:
        say(playout, before)
        left += runs(playout.release(due))
    mark = playout.begin_mark("speaking")
    first = 0
    for count, pause in parts:
        playout.push(audio(count), speech(first, count))
        first += count
        for _ in range(pause):
            due += 1
            left += runs(playout.release(due))
    sample = max(0, (due - back) * SAMPLES_PER_FRAME - odd)
    said = sum(min(max(sample - run.start_sample, 0), len(run.samples)) for run in left)
    assert playout.spoken_until(mark, sample) == max(0, said - before * SAMPLES_PER_FRAME)
