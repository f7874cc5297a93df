"""The mouth by the phones, where a voice tells them: mouth, jaw and tongue from `articulation`, the rest as heard.

Sound, its phones and the face model's frames come a piece at a time. What has been given is not taken back, so a
frame is a function of the utterance alone: it counts the sounds that begin up to `AHEAD_FRAMES` after its block of six,
and waits until they are known. In real sentences no later sound would change a curve by 0.01. At the end of a sentence
nobody knows when the next will come: all but its last frames are given as if silence followed.

A sentence whose phones are not told keeps the lips that were heard in its sound; its frames wait for their block only.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from bridge.dsp.noise import F64, smoothstep
from bridge.face import emotions
from bridge.face.articulation import curves
from bridge.face.phones import PAUSE_LABELS
from bridge.layers.cues import Cues
from bridge.layers.regions import shape_mask
from bridge.timebase import FPS_DEN, FPS_NUM, SAMPLE_RATE_HZ, SAMPLES_PER_FRAME
from bridge.types import EMOTIONS, Motion, Phone, Speech, concatenate, motion, still

AHEAD_FRAMES: Final = 18
"""300 ms: how far ahead of a block phones count, and how long it waits for them."""
BLOCK_FRAMES: Final = 6
"""Frames that are made at once; also how long the lips take from heard to told, or back, and what a sentence's end
keeps for the next: lips part for a sound 130 ms before it."""
_TOLD_FRAMES: Final = 6  # this far ahead of its first sound a sentence goes by phones; a face model hears as far
_BACK_S: Final = 0.5  # a sound that ended this long ago is forgotten
_ROUNDED_S: Final = 1e-3  # voices cut between samples: a phone may begin this much before the piece it comes with

_MOUTH: Final = shape_mask(frozenset(("mouth", "jaw", "tongue")))


@dataclass(slots=True)
class _Sentence:
    start_sample: int
    first_sound_s: float = math.inf


class PhoneLips:
    """The mouth of one utterance of one or more sentences, laid on what the face model makes of its sound.

    For any division into pieces, all that is returned, put together, is the same: the face model's frames, each once.
    """

    def __init__(self) -> None:
        self._waiting = still(0, 0)
        self._samples = 0
        self._phones: deque[Phone] = deque()
        self._told_s = 0.0
        self._sentences = deque([_Sentence(0)])
        self._emotion = Cues(np.zeros(len(EMOTIONS)))
        self._strength: float | None = None  # of the last frame given: 1 by its phones, 0 as heard

    def set_emotion(self, name: str, intensity: float = 1.0) -> None:
        """Speak with one of `EMOTIONS` from the next push on; intensity 0..1."""
        strengths = intensity * np.array([name == emotion for emotion in EMOTIONS], np.float64)
        if self._samples:
            self._emotion.set(strengths, self._samples // SAMPLES_PER_FRAME)
        else:
            self._emotion = Cues(strengths)

    def push(self, speech: Speech, frames: Motion) -> Motion:
        """Take the sentence's next piece at 24 kHz and the frames the face model gave for it; those that are ready.

        A phone comes with the piece it starts in, or before it; its times count from the sentence's first sample.
        """
        self._tell(speech.phones)
        self._samples += len(speech.samples)
        self._waiting = concatenate([self._waiting, frames])
        out = [still(self._waiting.first_index, 0)]
        while self._is_ready():
            out.append(self._block(self._waiting.first_index + BLOCK_FRAMES))
        return concatenate(out)

    def end_sentence(self) -> Motion:
        """The sentence is over and another may follow: its frames, but for the last."""
        self._told_s = self._samples / SAMPLE_RATE_HZ
        while self._phones and self._phones[-1].end_s > self._told_s:
            last = self._phones.pop()
            if last.start_s < self._told_s:
                self._phones.append(Phone(last.start_s, self._told_s, last.ipa))
        out = self._upto(min(self._waiting.end_index, self._samples // SAMPLES_PER_FRAME - BLOCK_FRAMES))
        self._sentences.append(_Sentence(self._samples))
        return out

    def flush(self, frames: Motion) -> Motion:
        """The utterance is over: all frames still owed, `frames` the last of the face model's."""
        self._waiting = concatenate([self._waiting, frames])
        return self._upto(self._waiting.end_index)

    def _tell(self, phones: Sequence[Phone]) -> None:
        """Lay phones on the utterance's time, without what lies before those already told."""
        sentence = self._sentences[-1]
        offset_s = sentence.start_sample / SAMPLE_RATE_HZ
        for phone in phones:
            start_s, end_s = max(phone.start_s + offset_s, self._told_s), phone.end_s + offset_s
            if start_s < end_s < math.inf:
                self._told_s = end_s
                self._phones.append(Phone(start_s, end_s, phone.ipa))
                if phone.ipa not in PAUSE_LABELS:
                    sentence.first_sound_s = min(sentence.first_sound_s, start_s)

    def _is_ready(self) -> bool:
        """Whether the next block has been heard, and whatever else counts for it is known."""
        end = self._waiting.first_index + BLOCK_FRAMES
        by_phones = self._is_told(end) or bool(self._strength)
        needed = end + (AHEAD_FRAMES if by_phones else _TOLD_FRAMES)
        return end <= self._waiting.end_index and needed * SAMPLES_PER_FRAME <= self._samples

    def _is_told(self, end: int) -> bool:
        """Whether the next block, up to frame `end`, is of a sentence that goes by its phones by then."""
        first_sample = self._waiting.first_index * SAMPLES_PER_FRAME
        while len(self._sentences) > 1 and self._sentences[1].start_sample <= first_sample:
            self._sentences.popleft()
        return self._sentences[0].first_sound_s < _limit_s(end + _TOLD_FRAMES)

    def _upto(self, end: int) -> Motion:
        """The frames before `end`, whatever may come."""
        out = [still(self._waiting.first_index, 0)]
        while (first := self._waiting.first_index) < end:
            out.append(self._block(min(first + BLOCK_FRAMES, end)))
        return concatenate(out)

    def _block(self, end: int) -> Motion:
        """The frames before `end`, with the mouth that belongs to them."""
        count = end - self._waiting.first_index
        target = float(self._is_told(end))
        before = target if self._strength is None else self._strength
        heard, self._waiting = self._waiting[:count], self._waiting[count:]
        self._strength = target
        if not (before or target):
            return heard
        strength = before + (target - before) * smoothstep(np.arange(1, count + 1) / count)
        weight = strength[:, None] * _MOUTH
        face = heard.face * (1 - weight) + self._mouth(heard.first_index, end) * weight
        return motion(
            heard.first_index, face, head_rad=heard.head_rad, gaze_rad=heard.gaze_rad, pose_rad=heard.pose_rad
        )

    def _mouth(self, first: int, end: int) -> F64:
        """[T, 52] what the phones ask for, in the manner of the emotion, from frame `first` to before `end`."""
        earliest_s = first * FPS_DEN / FPS_NUM - _BACK_S
        while self._phones and self._phones[0].end_s <= earliest_s:
            self._phones.popleft()
        near = [phone for phone in self._phones if phone.start_s < _limit_s(end + AHEAD_FRAMES)]
        self._emotion.forget_before(first)
        manner = emotions.factors(self._emotion.at(first, end - first))
        return np.minimum(curves(near, end - first, first) * manner, 1.0)


def _limit_s(frame: int) -> float:
    """The time before which phones are known once the samples up to `frame` are."""
    return frame * FPS_DEN / FPS_NUM - _ROUNDED_S
