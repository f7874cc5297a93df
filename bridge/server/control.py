"""`/ws/control`: what can be set, shown to everyone who has it before them. And `/api/rig`, a rig with its tuning."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import WebSocket

from bridge.bridge import Bridge
from bridge.controls import Desk
from bridge.desks import ControlClient
from bridge.errors import BridgeError
from bridge.resources import rig_names
from bridge.rig import tuning
from bridge.server.sockets import converse, refuse
from bridge.speaking import Line
from bridge.wire import control


async def serve_control(socket: WebSocket, bridge: Bridge, desk: Desk) -> None:
    """Tell a client all that concerns its desk and do what it says, until it goes or stops reading."""
    try:
        client = bridge.desks.join(desk)
    except BridgeError as error:
        await refuse(socket, error)
        return

    async def hear(text: str) -> None:
        try:
            await _obey(bridge, client, control.decode(text))
        except BridgeError as error:
            client.tell(control.Error(control.identify(text), str(error)))
        bridge.desks.update(client)

    try:
        await converse(socket, client, hear)
    finally:
        bridge.desks.leave(client)


async def _obey(bridge: Bridge, client: ControlClient, message: control.FromClient) -> None:
    """Do what a client says. Raises BridgeError."""
    controls, desk = bridge.controls, client.desk
    match message:
        case control.Set():
            controls.set(desk, {message.path: message.value}, client.name)
        case control.Undo():
            controls.undo(desk, client.name)
        case control.Redo():
            controls.redo(desk, client.name)
        case control.Save():
            controls.save(desk)
        case control.Say():
            line = Line(message.text, message.lang, message.emotion, message.intensity, message.voice)
            checked = await asyncio.to_thread(bridge.speaker.check, line)
            bridge.subjects.get(desk.subject).say(checked, interrupt=message.interrupt)
        case control.Stop():
            bridge.subjects.get(desk.subject).stop()


def rig_fields(bridge: Bridge, name: str) -> dict[str, Any]:
    """A rig as it is now, with what was changed of it. Raises ConfigError for one there is not."""
    rig, changes = bridge.tunings.rig(name), bridge.tunings.changes(name)
    values = tuning.values(rig)
    return {
        "rig": rig.name,
        "rigs": rig_names(),
        "title": rig.title,
        "engine": rig.engine,
        "axes": rig.axes,
        "curve_range": [rig.curve_min, rig.curve_max],
        "rev": bridge.controls.rev,
        "unsaved": bridge.tunings.unsaved(name),
        "curves": [
            {
                "name": curve.name,
                "sources": dict(curve.sources),
                **{key: values[curve.name, key] for key in tuning.KEYS},
                "changed": [key for key in tuning.KEYS if (curve.name, key) in changes],
            }
            for curve in rig.curves
        ],
        "bones": {bone.name: bone.source for bone in rig.bones},
    }
