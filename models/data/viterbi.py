"""Forced alignment: when each phone of a known sequence is said, given how likely each phone is in each frame.

The most likely path through a hidden Markov model (Viterbi 1967; Rabiner, "A tutorial on hidden Markov models",
Proceedings of the IEEE 1989), all states of a frame at once. Words stand in their order; between them and at both ends
there may be silence; each phone lasts a least number of frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.errors import InputError

LEAST_FRAMES = 2
LEAST_SILENCE_FRAMES = 6
"""Shorter, it is a stop's closure."""


@dataclass(frozen=True)
class Segment:
    """Frames `start` up to but without `end` that are one phone of a word; `word` is -1 in silence."""

    start: int
    end: int
    phone: int
    word: int


@dataclass(frozen=True)
class _States:
    """A column of S states, in the order in which they can be passed."""

    phone: NDArray[np.int64]
    unit: NDArray[np.int64]
    """Which phone or silence of the sequence the state belongs to."""
    stays: NDArray[np.bool_]
    """The last state of each unit, in which any time may be spent."""
    follows_skipped: NDArray[np.bool_]
    """May be entered from before the silence in front of it."""
    words: list[int]
    """The word of each unit."""


def _states(words: Sequence[Sequence[int]], silence: int) -> _States:
    units = [(silence, -1)]
    for word, phones in enumerate(words):
        units += [(phone, word) for phone in phones]
        units.append((silence, -1))
    counts = [LEAST_SILENCE_FRAMES if word < 0 else LEAST_FRAMES for _, word in units]
    unit = np.repeat(np.arange(len(units)), counts)
    last = np.cumsum(counts) - 1
    follows = np.zeros(len(unit), bool)
    follows[[last[i] + 1 for i, (_, word) in enumerate(units[:-1]) if word < 0 and i > 0]] = True
    stays = np.zeros(len(unit), bool)
    stays[last] = True
    return _States(np.array([units[i][0] for i in unit]), unit, stays, follows, [word for _, word in units])


def align(scores: NDArray[np.float32], words: Sequence[Sequence[int]], silence: int) -> list[Segment]:
    """The likeliest times of `words`, each a row of phones, given the log likelihoods `scores` [T, phones] of frames.

    `silence` is that phone's column. Raises InputError where the frames are too few for the words, or there is none.
    """
    if not words or not all(words):
        raise InputError("There is nothing to align: each word needs at least one phone.")
    states = _states(words, silence)
    heard = np.asarray(scores, np.float32)[:, states.phone]
    moves, best = _forward(heard, states)
    # The speech may end with its last phone, or in the silence after it.
    at = len(states.phone) - 1
    if best[at - LEAST_SILENCE_FRAMES] > best[at]:
        at -= LEAST_SILENCE_FRAMES
    if not np.isfinite(best[at]):
        needed = sum(LEAST_FRAMES * len(word) for word in words)
        raise InputError(f"{len(scores)} frames can't hold words that take {needed} frames at the least.")
    path = np.empty(len(scores), np.int64)
    for t in range(len(scores) - 1, -1, -1):
        path[t] = at
        at -= int(moves[t, at])
    return _segments(path, states)


def _forward(heard: NDArray[np.float32], states: _States) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """From how many states before it each state [T, S] was entered, and the score [S] of each at the end."""
    count = len(states.phone)
    jump = LEAST_SILENCE_FRAMES + 1
    stays = np.where(states.stays, np.float32(0), np.float32(-np.inf))
    skips = np.where(states.follows_skipped, np.float32(0), np.float32(-np.inf))[jump:]
    best = np.full(count, -np.inf, np.float32)
    # Speech begins in silence or at once.
    best[[0, LEAST_SILENCE_FRAMES]] = heard[0, [0, LEAST_SILENCE_FRAMES]]
    moves = np.zeros((len(heard), count), np.uint8)
    for t in range(1, len(heard)):
        following = best + stays
        move = moves[t]
        entered = best[:-1] > following[1:]
        np.copyto(following[1:], best[:-1], where=entered)
        move[1:] = entered
        skipped = best[:-jump] + skips
        over = skipped > following[jump:]
        np.copyto(following[jump:], skipped, where=over)
        move[jump:][over] = jump
        best = following + heard[t]
    return moves, best


def _segments(path: NDArray[np.int64], states: _States) -> list[Segment]:
    unit = states.unit[path]
    edges = np.flatnonzero(np.diff(unit, prepend=-1, append=-1))
    found = zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    return [Segment(a, b, int(states.phone[path[a]]), states.words[int(unit[a])]) for a, b in found]
