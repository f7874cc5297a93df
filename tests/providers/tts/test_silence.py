"""The silence around a sentence is cut, the silence within it is not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.providers.tts._silence import Trim

pytestmark = pytest.mark.unit

RATE = 24_000


def trimmed(samples, sizes=(10**9,)):
    trim, out, at, step = Trim(), [], 0, 0
    while at < len(samples):
        size = sizes[step % len(sizes)]
        out.append(trim.push(np.asarray(samples[at : at + size], np.float32)))
        at, step = at + size, step + 1
    return np.concatenate([*out, trim.flush()]), trim.dropped


def sound(*parts):
    """Parts of seconds, loud where positive, silent where negative."""
    return np.concatenate([np.full(round(abs(s) * RATE), 0.2 if s > 0 else 0.001, np.float32) for s in parts])


def test_little_is_left_before_and_after():
    kept, dropped = trimmed(sound(-0.4, 0.5, -1.0))
    assert len(kept) == round((0.05 + 0.5 + 0.3) * RATE)
    assert dropped == round(0.35 * RATE)


def test_a_pause_within_stays():
    kept, _ = trimmed(sound(0.2, -1.5, 0.2, -0.1))
    assert len(kept) == round(2.0 * RATE)


def test_silence_alone_is_nothing():
    assert len(trimmed(sound(-2.0))[0]) == 0


@given(
    st.lists(st.floats(-0.2, 0.2).filter(lambda s: abs(s) > 0.001), min_size=1, max_size=6),
    st.lists(st.integers(1, 2000), min_size=1, max_size=4),
)
def test_any_division_gives_the_same(parts, sizes):
    samples = sound(*parts)
    whole, dropped = trimmed(samples)
    divided, dropped_divided = trimmed(samples, sizes)
    assert np.array_equal(whole, divided)
    if len(whole):
        assert dropped == dropped_divided
        assert np.array_equal(whole, samples[dropped : dropped + len(whole)])
