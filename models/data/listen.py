"""Alignment by the face network's own ear: the phone head that helps in its training tells when each phone is said."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from bridge.dsp.logmel import log_mel
from bridge.errors import InputError, ModelError
from bridge.timebase import FPS_DEN, FPS_NUM
from bridge.types import F32
from models import checkpoint, ear, released
from models.config import TEACHER, FaceNetConfig
from models.data import viterbi
from models.data.audio import read_mono
from models.data.lexicon import Phones, Word
from models.data.phones import ARPABET_TO_IPA, phone_class
from models.model import FaceNet

PARTS = ("rows.", "front.", "style.", "emotion.", "layers.", "norm.", "phones.")
"""What of the network listens; its other heads may be of another version."""
CHUNK_FRAMES = 240
LEAST_LIKENESS = -1.5
"""Below, an utterance does not say its transcript; with another's transcript nearly all lie there."""
_SILENCE: Final = phone_class("")
_NAMES: Final = {phone_class(ipa): name for name, ipa in ARPABET_TO_IPA.items() if ipa} | {_SILENCE: "SIL"}
_FRAME_S: Final = FPS_DEN / FPS_NUM


def load(path: Path) -> FaceNet:
    """The listening part of a network: of a checkpoint, a run's folder, or a folder of weights with `phones.npz`.

    Raises ModelError naming it.
    """
    if (path / "face.onnx").is_file():
        network = released.load_exported(path)
        ear.restore(network, path)
        return network
    if path.is_dir() and not (path / "last.pt").is_file():
        raise ModelError(f"{path} can't be listened with: it holds neither a last.pt nor a face.onnx.")
    return _of_checkpoint(path / "last.pt" if path.is_dir() else path)


def _of_checkpoint(path: Path) -> FaceNet:
    found = checkpoint.load(path)
    network = FaceNet(FaceNetConfig(**found["config"]))
    kept = {name: array for name, array in found["network"].items() if name.startswith(PARTS)}
    try:
        missing = network.load_state_dict(kept, strict=False).missing_keys
    except RuntimeError as e:
        raise ModelError(f"{path} does not fit the sizes it names: {e}") from e
    lacking = [name for name in missing if name.startswith(PARTS)]
    if lacking:
        raise ModelError(f"{path} lacks parts that listening needs, among them {lacking[0]}.")
    return network.eval()


class Listener:
    """How likely each class of phones is in each frame of a recording."""

    def __init__(self, network: FaceNet) -> None:
        c = network.config
        self._network = network.eval()
        self._style = torch.tensor([[float(style == TEACHER) for style in c.styles]])
        self._emotion = torch.zeros(1, c.emotion_count)
        self._longest = int(np.argmax(c.lookahead_frames))
        self._delay = c.lookahead_frames[self._longest]

    @torch.inference_mode()
    def hear(self, samples: F32) -> NDArray[np.float32]:
        """Log likelihoods [T, classes] for samples [N] at 24 kHz, with the longest lookahead."""
        mel = torch.from_numpy(np.pad(log_mel(samples), ((0, self._delay), (0, 0))))[None]
        lookahead = torch.tensor(self._longest)
        state, heard = self._network.silence(), []
        for chunk in torch.split(mel, CHUNK_FRAMES, 1):
            said, *_, state = self._network.trunk(chunk, self._style, self._emotion, lookahead, state)
            heard.append(self._network.phones(said)[0].log_softmax(-1))
        return np.asarray(torch.cat(heard)[self._delay :].numpy(), np.float32)


class NetworkAligner:
    """Forced alignment of one utterance at a time."""

    def __init__(self, network: FaceNet) -> None:
        self._listener = Listener(network)

    def align(self, path: Path, words: list[Word]) -> Phones | None:
        """The phones of a recording of `words`, or None where they don't fit. Raises InputError for no recording."""
        scores = self._listener.hear(read_mono(path))
        classes = [[phone_class(ARPABET_TO_IPA[phone]) for phone in word.phones] for word in words if word.phones]
        try:
            segments = viterbi.align(scores, classes, _SILENCE)
        except InputError:
            return None
        if likeness(scores, segments) < LEAST_LIKENESS:
            return None
        return [(round(s.start * _FRAME_S, 3), round(s.end * _FRAME_S, 3), _NAMES[s.phone]) for s in segments]


def likeness(scores: NDArray[np.float32], segments: list[viterbi.Segment]) -> float:
    """How well the words' phones fit, beside whatever phone is likeliest in each frame: a mean log ratio, at most 0.

    The goodness of pronunciation of Witt & Young (Speech Communication 30, 2000), over an utterance.
    """
    ratio = scores - scores.max(1, keepdims=True)
    spoken = [ratio[s.start : s.end, s.phone] for s in segments if s.word >= 0]
    return float(np.concatenate(spoken).mean())
