"""Puts the parts together: from the settings to voices, the face model and the live subjects."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path
from typing import Final
from weakref import WeakKeyDictionary

from bridge import resources
from bridge.clock import MonotonicClock
from bridge.config import AvatarSettings, Settings
from bridge.controls import Controls
from bridge.conversations import Conversations
from bridge.desks import Desks
from bridge.enduring import Enduring
from bridge.errors import ConfigError
from bridge.inputs import Inputs
from bridge.onnx import PRECISIONS, FaceNetwork
from bridge.outputs import Outputs
from bridge.ports import FaceModel
from bridge.rig.retarget import Retarget
from bridge.session import Session
from bridge.speaking import Line, Speaker
from bridge.streams import Streams
from bridge.subjects import Subjects
from bridge.timebase import Clock
from bridge.tunings import Tunings
from bridge.voices import Voices

SWEEP_S: Final = 30.0


def make_face_network(avatar: AvatarSettings) -> FaceNetwork:
    """The face model by the settings. Raises ModelError, and ConfigError for a style or precision there is not."""
    if avatar.precision not in PRECISIONS:
        raise ConfigError(f"The face model multiplies in {' or '.join(PRECISIONS)}, not in '{avatar.precision}'.")
    folder = Path(avatar.weights).expanduser() if avatar.weights else resources.folder("weights")
    network = FaceNetwork(folder, precision=avatar.precision)
    styles = network.info.styles
    if avatar.style and avatar.style not in styles:
        raise ConfigError(f"The face model has no style '{avatar.style}'; it has {', '.join(styles)}.")
    return network


def make_speaker(settings: Settings) -> Speaker:
    """The chain from text to speech and face. Raises ConfigError, ModelError or DeviceError."""
    network = make_face_network(settings.avatar)
    drawn = itertools.count(settings.avatar.seed << 32)

    def face(line: Line) -> FaceModel:
        # No two lines are accompanied by the same motion.
        model = network.stream(settings.avatar.lookahead_ms, seed=next(drawn))
        model.set_style(settings.avatar.style or None)
        model.set_emotion(line.emotion or "neutral", line.intensity)
        return model

    voice = settings.voice
    voices = Voices(voice.provider, voice.settings, voice.lang, voice.stand_ins)
    return Speaker(voices, face, by_phones=settings.avatar.lips == "phones")


def make_retarget(rig: str) -> Retarget:
    """The rig `rig`, with what was tuned and saved of it, ready to be applied. Raises ConfigError."""
    return Tunings().retarget(rig)


class Bridge:
    """All that is alive in one server."""

    def __init__(self, settings: Settings, clock: Clock | None = None, speaker: Speaker | None = None) -> None:
        """Raises BridgeError where a part can't be had. What is left out is made from the settings."""
        self.settings = settings
        self.speaker = speaker or make_speaker(settings)
        self._clock = clock or MonotonicClock()
        self.speaker.voices.told = self._report
        self.tunings = Tunings()
        self.subjects = Subjects(self._make_session, settings.server.subjects, settings.server.subject_idle_s)
        self.conversations = Conversations(settings, self.subjects, self._clock)
        self.controls = Controls(self.subjects, self.tunings, self._clock)
        self.desks = Desks(self.controls, self.subjects)
        self._outputs: WeakKeyDictionary[Session, Outputs] = WeakKeyDictionary()
        self._inputs: WeakKeyDictionary[Session, Inputs] = WeakKeyDictionary()

    def outputs(self, session: Session) -> Outputs:
        """The sinks of a subject, which end with it. Whoever adds the first lets them follow the session."""
        if session not in self._outputs:
            self._outputs[session] = Outputs(self._clock, session, self.tunings.retarget)
            session.attached.append(self._outputs[session])
        return self._outputs[session]

    def inputs(self, session: Session) -> Inputs:
        """The live sources of a subject, which end with it."""
        if session not in self._inputs:
            self._inputs[session] = Inputs(session)
            session.attached.append(self._inputs[session])
        return self._inputs[session]

    async def sweep(self) -> None:
        """For ever: remove the subjects that have been idle for long."""
        enduring = Enduring("the sweeping of subjects", self._clock)
        while True:
            await asyncio.sleep(SWEEP_S)
            with enduring:
                await self.subjects.sweep()

    async def aclose(self) -> None:
        """End all that is alive."""
        await self.conversations.aclose()
        await self.subjects.aclose()
        await self.speaker.voices.aclose()

    def _report(self, sentence: str) -> None:
        """Tell of what concerns all avatars."""
        for session in self.subjects:
            session.report(sentence)

    def _make_session(self, subject: str) -> Session:
        streams = Streams(subject, self.tunings.retarget)
        session = Session(subject, self._clock, self.speaker, streams, self.settings.avatar.seed)
        session.set_manner(self.conversations.persona.idle)
        return session
