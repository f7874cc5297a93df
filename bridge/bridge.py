"""Puts the parts together: from the settings to voices, the face model and the live subjects."""

from __future__ import annotations

from bridge import resources
from bridge.clock import MonotonicClock
from bridge.config import Settings
from bridge.onnx import FaceNetwork
from bridge.ports import FaceModel
from bridge.rig.parse import parse
from bridge.rig.retarget import Retarget
from bridge.session import Session
from bridge.speaking import Line, Speaker, Voices
from bridge.streams import Streams
from bridge.subjects import Subjects
from bridge.timebase import Clock


def make_speaker(settings: Settings) -> Speaker:
    """The chain from text to speech and face. Raises ConfigError, ModelError or DeviceError."""
    network = FaceNetwork(resources.folder("weights"))

    def face(line: Line) -> FaceModel:
        model = network.stream(settings.avatar.lookahead_ms)
        model.set_emotion(line.emotion, line.intensity)
        return model

    return Speaker(Voices(settings.voice.provider, settings.voice.settings, settings.voice.lang), face)


def make_retarget(rig: str) -> Retarget:
    """The rig `rig`, ready to be applied. Raises ConfigError."""
    path = resources.rig_path(rig)
    return Retarget(parse(path.read_text(encoding="utf-8"), path.stem))


class Bridge:
    """All that is alive in one server."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        """Raises BridgeError where a part can't be had."""
        self.settings = settings
        self.speaker = make_speaker(settings)
        self._clock = clock or MonotonicClock()
        self.subjects = Subjects(self._make_session, settings.server.subjects, settings.server.subject_idle_s)

    async def aclose(self) -> None:
        """End all that is alive."""
        await self.subjects.aclose()
        await self.speaker.voices.aclose()

    def _make_session(self, subject: str) -> Session:
        streams = Streams(subject, make_retarget)
        return Session(subject, self._clock, self.speaker, streams, self.settings.avatar.seed)
