"""The clients of `/ws/control`: what each has before it, who is told of a change, and a bounded queue for each."""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Callable, Sequence

from bridge.controls import Change, Controls, Desk
from bridge.outbox import Outbox
from bridge.session import Session
from bridge.subjects import Subjects
from bridge.wire import control


class ControlClient(Outbox):
    """One studio or plugin: its desk, what it is called, and the state it was told last."""

    def __init__(self, desk: Desk, session: Session, name: str, update: Callable[[ControlClient], None]) -> None:
        super().__init__()
        self.desk = desk
        self.session = session
        self.name = name
        self.told: control.State | None = None
        self.watcher = functools.partial(update, self)

    def tell(self, message: control.FromServer) -> None:
        """Queue a message."""
        self.offer([control.encode(message)])


class Desks:
    """All control clients. They are told what concerns them: their rig's values, their avatar's, and its state."""

    def __init__(self, controls: Controls, subjects: Subjects) -> None:
        self._controls = controls
        self._subjects = subjects
        self._clients: list[ControlClient] = []
        self._numbers = itertools.count(1)
        controls.listeners.append(self._on_changes)

    def __len__(self) -> int:
        return len(self._clients)

    def join(self, desk: Desk) -> ControlClient:
        """Let a client in: it gets the whole state first. Raises ConfigError or InputError for a desk there is not."""
        client = ControlClient(desk, self._subjects.get(desk.subject), f"control {next(self._numbers)}", self.update)
        self._introduce(client)
        self._clients.append(client)
        client.session.watchers.add(client.watcher)
        return client

    def leave(self, client: ControlClient) -> None:
        """Let a client go."""
        client.session.watchers.discard(client.watcher)
        self._clients.remove(client)
        self._controls.history.forget(client.name)

    def update(self, client: ControlClient) -> None:
        """Tell a client its state, if that is not as it was told."""
        if client.lost:
            self._introduce(client)
            return
        state = self._state(client)
        if client.told is None or dataclasses.replace(client.told, rev=state.rev) != state:
            client.told = state
            client.tell(state)

    def _on_changes(self, changes: Sequence[Change]) -> None:
        texts = [control.encode(control.Changed(c.path, c.value, c.rev, c.by)) for c in changes]
        for client in self._clients:
            scopes = client.desk.scopes
            client.offer([text for change, text in zip(changes, texts, strict=True) if change.scope in scopes])
            self.update(client)

    def _introduce(self, client: ControlClient) -> None:
        """Tell a client everything. One that has fallen behind begins with it anew."""
        state, desk = self._state(client), client.desk
        whole = dataclasses.replace(state, schema=self._controls.schema(desk), values=self._controls.values(desk))
        client.drop()
        client.lost = False
        client.told = state
        client.tell(whole)

    def _state(self, client: ControlClient) -> control.State:
        desk, session = client.desk, client.session
        return control.State(
            rev=self._controls.rev,
            subject=desk.subject,
            rig=desk.rig,
            you=client.name,
            state=session.state,
            epoch=session.epoch,
            emotion=session.emotion,
            waiting_lines=session.waiting_lines,
            clients=len(session.streams),
            last_error=session.last_error,
            can_undo=self._controls.history.can_undo(desk.scopes),
            can_redo=self._controls.history.can_redo(desk.scopes),
            unsaved=self._controls.unsaved(desk),
            schema=None,
            values=None,
        )
