"""The clients of one subject's stream: each encoding made once, a bounded queue a client, one of them primary."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from bridge.outbox import Outbox, Payload
from bridge.playout import HISTORY_FRAMES, LEAD_FRAMES, Run
from bridge.rig.retarget import Retarget
from bridge.rig.smoothing import SMOOTHING_FRAMES
from bridge.types import Motion, RigFrames, RigLayout, concatenate
from bridge.wire import stream
from bridge.wire.stream import AudioMessage, EventMessage, FramesMessage, LayoutMessage, Message

PAST_FRAMES: Final = HISTORY_FRAMES + LEAD_FRAMES + SMOOTHING_FRAMES
"""What is kept of the frames sent: those that may leave again, and those that smooth them."""


class Client(Outbox):
    """One receiver of the stream: what it asked for, and what waits to be sent to it.

    The queue holds some ten seconds. A client that far behind has lost its lead: what waits is dropped and it starts
    anew. A stop drops it too, so that nothing of before may leave.
    """

    def __init__(self, rig: str, *, json: bool = False, audio: bool = True, wants_primary: bool = False) -> None:
        super().__init__()
        self.rig = rig
        self.json = json
        self.audio = audio
        self.wants_primary = wants_primary


class Streams:
    """Who listens to a subject. `describe` makes the layout message for a client."""

    def __init__(self, subject: str, retarget: Callable[[str], Retarget]) -> None:
        self._subject = subject
        self._find = retarget
        self._retargets: dict[str, Retarget] = {}
        self._clients: list[Client] = []
        self._primary: Client | None = None
        self._past: Motion | None = None

    def __len__(self) -> int:
        return len(self._clients)

    @property
    def primary(self) -> Client | None:
        """The client whose word on what was heard counts."""
        return self._primary

    @property
    def resyncs(self) -> int:
        """How often a client that is here now fell out of its lead."""
        return sum(client.resyncs for client in self._clients)

    def add(self, client: Client, epoch: int, due_index: int) -> None:
        """Let a client in: it gets the layout first. Raises ConfigError for a rig there is not."""
        self._retarget(client.rig)
        self._clients.append(client)
        self._elect(epoch, newcomer=client)
        self._introduce(client, epoch, due_index)

    def remove(self, client: Client, epoch: int) -> None:
        """Let a client go; the oldest left becomes primary if it was."""
        if client in self._clients:
            self._clients.remove(client)
            self._elect(epoch)

    def frames(self, run: Run, epoch: int, due_index: int) -> None:
        """Send frames and the audio that belongs to them to everyone."""
        for client in self._clients:
            if client.lost:
                client.lost = False
                self._introduce(client, epoch, due_index)
        by_form: dict[tuple[str, bool, bool], list[Payload]] = {}
        rigged: dict[str, RigFrames] = {}
        before = self._remember(run.motion)
        audio = AudioMessage(epoch, run.start_sample, stream.pcm16(run.samples)) if len(run.samples) else None
        for client in self._clients:
            form = (client.rig, client.json, client.audio)
            if form not in by_form:
                retarget = self._retarget(client.rig)
                if client.rig not in rigged:
                    rigged[client.rig] = retarget.apply(run.motion, before)
                frames = rigged[client.rig]
                messages: list[Message] = [audio] if audio and client.audio else []
                messages += _in_messages(frames, epoch)
                by_form[form] = [p for m in messages for p in _encoded(m, client.json, retarget.layout)]
            client.offer(by_form[form])

    def event(self, epoch: int, name: str, **fields: Any) -> None:
        """Tell everyone that something happened."""
        for client in self._clients:
            self._tell(client, EventMessage(epoch, name, fields))

    def drop(self) -> None:
        """Take back what has not left: a new epoch begins."""
        for client in self._clients:
            client.drop()

    def reload(self, rig: str) -> bool:
        """A rig was tuned, which leaves its layout as it is: its clients, if it has any, get frames by the new one."""
        self._retargets.pop(rig, None)
        return any(client.rig == rig for client in self._clients)

    def _remember(self, frames: Motion) -> Motion | None:
        """The frames that `frames` follow, as they were sent last; what was sent of later ones is replaced."""
        past = self._past
        if past is None or not past.first_index <= frames.first_index <= past.end_index:
            self._past = frames
            return None
        before = past[: frames.first_index - past.first_index]
        self._past = concatenate([before, frames])[-PAST_FRAMES:]
        return before[-SMOOTHING_FRAMES:]

    def _retarget(self, rig: str) -> Retarget:
        if rig not in self._retargets:
            self._retargets[rig] = self._find(rig)
        return self._retargets[rig]

    def _introduce(self, client: Client, epoch: int, due_index: int) -> None:
        layout = self._retarget(client.rig).layout
        self._tell(client, LayoutMessage(epoch, self._subject, due_index, client is self._primary, layout))

    def _tell(self, client: Client, message: Message) -> None:
        client.offer(_encoded(message, client.json, self._retarget(client.rig).layout))

    def _elect(self, epoch: int, newcomer: Client | None = None) -> None:
        """The newest that asked to be primary, else the one that is, else the oldest, those that play audio first.

        Whom it concerns is told, but for a newcomer: its layout will say so.
        """
        askers = [c for c in self._clients if c.wants_primary]
        if askers:
            chosen: Client | None = askers[-1]
        elif self._primary in self._clients:
            chosen = self._primary
        else:
            chosen = next((c for c in self._clients if c.audio), next(iter(self._clients), None))
        before, self._primary = self._primary, chosen
        if before is chosen:
            return
        for client in self._clients:
            if client in (before, chosen) and client is not newcomer:
                self._tell(client, EventMessage(epoch, "primary", {"primary": client is chosen}))


def _in_messages(frames: RigFrames, epoch: int) -> list[FramesMessage]:
    step = stream.MAX_FRAMES
    return [FramesMessage(epoch, frames[at : at + step]) for at in range(0, len(frames), step)]


def _encoded(message: Message, json: bool, layout: RigLayout) -> list[Payload]:
    if not json:
        return [stream.encode(message, layout)]
    if isinstance(message, FramesMessage):
        return list(stream.encode_json_frames(message))
    return [stream.encode_json(message)]
