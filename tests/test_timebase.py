"""Clock arithmetic: samples, frames and nanoseconds agree, exactly, however long a session lasts."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.timebase import (
    FPS_DEN,
    FPS_NUM,
    NS_PER_S,
    SAMPLE_RATE_HZ,
    SAMPLES_PER_FRAME,
    Timeline,
    frame_to_ns,
    frame_to_sample,
    frames_for_samples,
    ns_to_frame,
    sample_to_frame,
    sample_to_ns,
)

pytestmark = pytest.mark.law

A_YEAR_NS = 365 * 24 * 3600 * NS_PER_S
frames = st.integers(0, A_YEAR_NS * FPS_NUM // (NS_PER_S * FPS_DEN))
samples = st.integers(0, A_YEAR_NS * SAMPLE_RATE_HZ // NS_PER_S)
times_ns = st.integers(0, A_YEAR_NS)


def test_the_grid_is_60_to_1_at_24_khz():
    assert Fraction(FPS_NUM, FPS_DEN) == 60 and SAMPLE_RATE_HZ == 24_000 and SAMPLES_PER_FRAME == 400


@given(frames)
def test_a_frame_returns_from_its_time(index):
    assert ns_to_frame(frame_to_ns(index)) == index


@given(frames)
def test_the_grid_rises_and_never_drifts(index):
    exact = Fraction(index * FPS_DEN * NS_PER_S, FPS_NUM)
    assert 0 <= exact - frame_to_ns(index) < 1
    assert 16_666_666 <= frame_to_ns(index + 1) - frame_to_ns(index) <= 16_666_667


@given(times_ns)
def test_the_frame_of_a_time_is_the_last_at_or_before_it(t_ns):
    index = ns_to_frame(t_ns)
    assert frame_to_ns(index) <= t_ns < frame_to_ns(index + 1)


@given(frames)
def test_frame_and_first_sample_stand_together(index):
    assert frame_to_ns(index) == sample_to_ns(frame_to_sample(index))
    assert sample_to_frame(frame_to_sample(index)) == index


@given(samples)
def test_a_sample_belongs_to_the_frame_that_covers_it(sample):
    index = sample_to_frame(sample)
    assert frame_to_sample(index) <= sample < frame_to_sample(index + 1)
    assert frame_to_ns(index) <= sample_to_ns(sample) < frame_to_ns(index + 1)


@given(samples)
def test_the_frames_of_a_sound_cover_it_and_no_more(count):
    number = frames_for_samples(count)
    assert frame_to_sample(number) >= count > frame_to_sample(number - 1)


@given(times_ns, frames, st.integers(-NS_PER_S, NS_PER_S))
def test_a_timeline_is_the_grid_moved_to_its_origin(origin_ns, index, late_ns):
    timeline = Timeline(origin_ns)
    assert timeline.due_index(timeline.clock_ns(index)) == index
    due = timeline.due_index(timeline.clock_ns(index) + late_ns)
    assert timeline.clock_ns(due) <= timeline.clock_ns(index) + late_ns < timeline.clock_ns(due + 1)
