"""The golden packets of the protocols that are not ours: what tests/vectors/<protocol>.json holds.

Each is bytes and what they mean, so that a reader in any language can be held to them. `python -m tools.make_vectors`
writes them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from bridge.types import ARKIT_BLENDSHAPES, F32, SHAPE_INDEX, freeze
from bridge.wire import ifacialmocap, livelink, osc, vmc, vrchat, vtube_studio
from bridge.wire.livelink_values import VALUE_NAMES

Vectors = dict[str, Any]


def livelink_vectors() -> Vectors:
    """The documented example, a frame in which every value differs, and names that are not ASCII."""
    shown = {"EyeBlinkLeft": 0.25, "EyeBlinkRight": 0.25, "JawOpen": 0.5, "MouthSmileLeft": 0.75}
    example = freeze([(shown | {"HeadYaw": 0.1, "HeadPitch": -0.2}).get(name, 0.0) for name in VALUE_NAMES])
    ladder = freeze(np.arange(len(VALUE_NAMES)) / 64 - 0.25)
    uuid = "8F2A4C6E-1B3D-4F50-9A7B-0C1D2E3F4A5B"
    packets = {
        "documented example": livelink.Packet(uuid, "AvatarFace", 1337, 0.5, 60, 1, example),
        "every value its own": livelink.Packet(uuid, "A", 5_183_999, 0.25, 60_000, 1001, ladder),
        "a subject beyond ASCII": livelink.Packet(uuid, "阿凡达", 0, 0.0, 30, 1, freeze(np.zeros(61))),
    }
    good = []
    for name, packet in packets.items():
        fields = {key: getattr(packet, key) for key in livelink.Packet.__slots__}
        good.append(_row(name, livelink.encode(packet), {**fields, "values": _numbers(packet.values)}))
    whole = livelink.encode(packets["documented example"])
    bad = {
        "empty": b"",
        "version 5": b"\x05" + whole[1:],
        "60 values": whole[:71] + b"\x3c" + whole[72:],
        "cut short": whole[:-1],
        "a byte too many": whole + b"\x00",
        "a name without end": whole[:1] + b"\x7f\xff\xff\xff" + whole[5:],
        "a rate of n/0": whole[:67] + bytes(4) + whole[71:],
        "not a number": whole[:72] + b"\x7f\xc0\x00\x00" + whole[76:],
    }
    return {"names": list(VALUE_NAMES), "good": good, "bad": _bad(bad)}


def vmc_vectors() -> Vectors:
    """A frame's messages one by one, the same in bundles, and what must be passed over."""
    sender = vmc.Sender(["A", "Blink_L"], ["Hips", "Head"], freeze([[0.0, 0.95, 0.0], [0.0, 0.1, 0.02]]))
    turned = freeze([[1.0, 0.0, 0.0, 0.0], [np.cos(np.deg2rad(5)), 0.0, np.sin(np.deg2rad(5)), 0.0]])
    messages = sender.frame(1.5, freeze([0.5, 1.0]), turned)
    names = ["OK", "T", "Root", "Bone Hips", "Bone Head, 10 degrees about Y", "Val A", "Val Blink_L", "Apply"]
    good = [_row(name, data, _vmc_items(data)) for name, data in zip(names, messages, strict=True)]
    good += [_row(f"bundle {n}", data, _vmc_items(data)) for n, data in enumerate(osc.bundles(messages, 256))]
    ignored = {
        "too few arguments": osc.Message("/VMC/Ext/Blend/Val", ("A",)),
        "arguments of another type": osc.Message("/VMC/Ext/Blend/Val", ("A", 1)),
        "an unknown address": osc.Message("/VMC/Ext/Later", (1.0,)),
    }
    good += [_row(name, osc.encode(message), []) for name, message in ignored.items()]
    bad = {
        "empty": b"",
        "no address": b"abcd",
        "an argument is missing": osc.head("/a", ",f"),
        "tags without comma": osc.text("/a") + osc.text("ff") + bytes(8),
        "a size beyond the end": osc.bundle([])[:16] + b"\x00\x00\x00\x10/a\x00\x00",
        "not a multiple of four": osc.encode(osc.Message("/a"))[:-1],
    }
    return {"good": good, "bad": _bad(bad)}


def ifacialmocap_vectors() -> Vectors:
    """A frame of ours, and a tail as the app's own page shows it."""
    face = np.zeros(len(ARKIT_BLENDSHAPES), np.float32)
    for name, value in {"jawOpen": 0.35, "eyeBlinkLeft": 1.0, "mouthLeft": 0.01}.items():
        face[SHAPE_INDEX[name]] = value
    frame = ifacialmocap.Frame(freeze(face), (10.5, -20.25, 0.5), (0.0, 0.0, -0.4), (1.0, 2.0, 0.0), (1.0, -2.0, 0.0))
    theirs = (
        b"mouthLeft-1|trackingStatus-1|=head#-21.488958,-6.038993,-6.6019735,-0.030653415,-0.10287084,-0.6584072|"
        b"rightEye#6.0297494,2.4403017,0.25649446|leftEye#6.034903,-1.6660284,-0.17520553|"
    )
    good = []
    for name, data in {"one of ours": ifacialmocap.encode(frame), "the app's": theirs}.items():
        read = ifacialmocap.decode(data)
        good.append(_row(name, data, {**_fields(read), "face": _numbers(read.face)}))
    bad = {"empty": b"", "no head": b"jawOpen-5|", "five numbers": theirs.replace(b",-0.6584072", b"")}
    return {"names": list(ifacialmocap.NAMES), "good": good, "bad": _bad(bad)}


def vrchat_vectors() -> Vectors:
    """Parameters of each type, the avatar's change, and eyes."""
    items: dict[str, vrchat.Item] = {
        "float": vrchat.Parameter("FT/v2/JawOpen", 0.5),
        "a whole number stays a float": vrchat.Parameter("FT/v2/JawOpen", 1.0),
        "bool": vrchat.Parameter("EyeTrackingActive", True),
        "int": vrchat.Parameter("Emote", 3),
        "avatar": vrchat.AvatarChange("avtr_0"),
        "eyes": vrchat.Eyes(5.0, -10.0, 5.0, -12.0),
        "eyes shut": vrchat.EyesClosed(0.25),
    }
    return {"good": [_row(name, vrchat.encode(item), _item(item)) for name, item in items.items()], "bad": []}


def vtube_studio_vectors() -> Vectors:
    """A request of each kind, as text."""
    requests = {
        "token": vtube_studio.ask_token("Avatar Bridge", "Someone"),
        "log in": vtube_studio.authenticate("Avatar Bridge", "Someone", "0123abcd"),
        "parameters": vtube_studio.list_parameters(),
        "a parameter": vtube_studio.create_parameter("AbJawOpen", "how far the jaw is open", 0.0, 1.0),
        "values": vtube_studio.inject(["FaceAngleX", "EyeOpenLeft"], [-12.5, 0.75]),
    }
    good = []
    for number, (name, request) in enumerate(requests.items()):
        whole = dataclasses.replace(request, request_id=f"ab{number}")
        good.append({"name": name, "text": vtube_studio.encode(whole), "expect": _fields(whole)})
    return {
        "good": good,
        "bad": [{"name": "not JSON", "text": "{"}, {"name": "another API", "text": '{"apiName":"X"}'}],
    }


PROTOCOLS: dict[str, Callable[[], Vectors]] = {
    "livelink": livelink_vectors,
    "vmc": vmc_vectors,
    "ifacialmocap": ifacialmocap_vectors,
    "vrchat": vrchat_vectors,
    "vtube_studio": vtube_studio_vectors,
}


def _row(name: str, data: bytes, expect: Any) -> dict[str, Any]:
    return {"name": name, "hex": data.hex(), "expect": expect}


def _bad(rows: dict[str, bytes]) -> list[dict[str, str]]:
    return [{"name": name, "hex": data.hex()} for name, data in rows.items()]


def _numbers(values: F32) -> list[float]:
    """Float32 in as few digits as tell it from its neighbours."""
    return [float(str(value)) for value in values]


def _fields(value: Any) -> dict[str, Any]:
    return {key: getattr(value, key) for key in value.__slots__}


def _item(item: Any) -> dict[str, Any]:
    """An item as JSON holds it: float32 in its shortest digits, tuples as lists."""
    fields = {"type": type(item).__name__, **_fields(item)}
    return {key: _plain(value) for key, value in fields.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return float(str(np.float32(value))) if isinstance(value, float) else value


def _vmc_items(data: bytes) -> list[dict[str, Any]]:
    return [_item(item) for item in vmc.decode(data)]
