"""Late fusion: agreement makes sure, age makes unsure, and a near tie changes nothing."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.affect import SOURCES, UNKNOWN, Evidence, Source, evidence
from bridge.affect.fuse import HALF_LIFE_S, Fusion
from bridge.timebase import NS_PER_S
from bridge.types import EMOTIONS

pytestmark = pytest.mark.law

TOLD = st.builds(
    evidence,
    st.sampled_from(SOURCES),
    st.dictionaries(st.sampled_from(EMOTIONS), st.floats(0.0, 1.0), max_size=4),
    st.floats(0.0, 1.0),
    st.floats(0.0, 1.0),
)


def says(source: Source, emotion: str, confidence: float = 0.6, intensity: float = 0.7) -> Evidence:
    return evidence(source, {emotion: 0.8, "neutral": 0.2}, confidence, intensity)


def fused(*all_told: Evidence) -> Fusion:
    fusion = Fusion()
    for told in all_told:
        fusion.put(told, 0)
    return fusion


def test_nothing_known_is_neutral_without_confidence():
    assert Fusion().affect(0) == UNKNOWN
    assert fused(says("text", "sad", confidence=0.0)).affect(0) == UNKNOWN


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("emotion", [name for name in EMOTIONS if name != "neutral"])
def test_a_single_source_is_heard(source, emotion):
    affect = fused(says(source, emotion)).affect(0)
    assert (affect.emotion, affect.sources) == (emotion, (source,))
    assert affect.intensity == pytest.approx(0.7)


def test_sources_that_agree_are_surer_than_each_alone():
    alone = fused(says("text", "sad")).affect(0)
    both = fused(says("text", "sad"), says("voice", "sad", confidence=0.3)).affect(0)
    against = fused(says("text", "sad"), says("face", "happy", confidence=0.3)).affect(0)
    assert both.confidence > alone.confidence > against.confidence
    assert both.sources == ("text", "voice") and against.sources == ("text",)


def test_the_surer_source_wins():
    assert fused(says("text", "sad", 0.3), says("face", "happy", 0.6)).affect(0).emotion == "happy"
    assert fused(says("text", "sad", 0.7), says("face", "happy", 0.2)).affect(0).emotion == "sad"


@given(st.lists(TOLD, max_size=5), st.lists(st.integers(0, 10**12), min_size=2, max_size=6))
def test_together_sources_are_never_surer_than_if_all_were_right(all_told, times):
    fusion = fused(*all_told)
    for now in sorted(times):
        affect = fusion.affect(now)
        assert 0.0 <= affect.confidence <= 1.0 and 0.0 <= affect.intensity <= 1.0
        assert affect.emotion in EMOTIONS
        assert affect.confidence <= 1.0 - math.prod(1.0 - told.confidence for told in all_told) + 1e-9


def test_everything_fades_to_neutral():
    fusion = fused(*(says(source, "angry") for source in SOURCES))
    assert fusion.affect(0).emotion == "angry"
    assert fusion.affect(round(20 * max(HALF_LIFE_S.values()) * NS_PER_S)) == UNKNOWN


def test_a_near_tie_changes_nothing_and_a_clear_lead_does():
    fusion = fused(says("text", "sad", 0.6))
    assert fusion.affect(0).emotion == "sad"
    fusion.put(says("face", "happy", 0.65), 0)
    assert fusion.affect(0).emotion == "sad"
    fusion.put(says("face", "happy", 0.95), 0)
    assert fusion.affect(0).emotion == "happy"
    fusion.put(says("face", "happy", 0.55), 0)
    assert fusion.affect(0).emotion == "happy"


def test_a_source_that_has_nothing_to_go_by_takes_nothing_back():
    fusion = fused(says("text", "sad"))
    fusion.put(evidence("text", {}, 0.0, 0.0), NS_PER_S)
    assert fusion.affect(NS_PER_S).emotion == "sad"


def test_reset_forgets_the_person():
    fusion = fused(says("text", "sad"))
    fusion.affect(0)
    fusion.reset()
    assert fusion.affect(0) == UNKNOWN
