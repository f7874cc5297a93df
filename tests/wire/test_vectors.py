"""The golden packets of the protocols that are not ours: written as they stand, read as they say."""

import json
from pathlib import Path

import numpy as np
import pytest

from bridge.errors import WireError
from bridge.wire import ifacialmocap, livelink, vmc, vrchat, vtube_studio
from tools.protocol_vectors import PROTOCOLS

pytestmark = pytest.mark.vectors

FOLDER = Path(__file__).parents[1] / "vectors"
VECTORS = {name: json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")) for name in PROTOCOLS}
DECODERS = {
    "livelink": livelink.decode,
    "vmc": vmc.decode,
    "ifacialmocap": ifacialmocap.decode,
    "vrchat": vrchat.decode,
    "vtube_studio": vtube_studio.decode,
}


def rows(kind):
    return [pytest.param(name, row, id=f"{name}: {row['name']}") for name in PROTOCOLS for row in VECTORS[name][kind]]


def data(row):
    return bytes.fromhex(row["hex"]) if "hex" in row else row["text"]


def matches(found, wanted):
    """Whether a decoded value is what the vector says, numbers to six digits."""
    if isinstance(wanted, dict):
        assert wanted.get("type", type(found).__name__) == type(found).__name__
        for key in wanted.keys() - {"type"}:
            matches(found[key] if isinstance(found, dict) else getattr(found, key), wanted[key])
    elif isinstance(wanted, list):
        assert len(found) == len(wanted)
        for one, other in zip(found, wanted, strict=True):
            matches(one, other)
    elif isinstance(wanted, float):
        np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-9)
    else:
        assert found == wanted and type(found) is type(wanted)


@pytest.mark.parametrize("name", PROTOCOLS)
def test_the_golden_packets_are_what_the_encoders_write(name):
    assert json.loads(json.dumps(PROTOCOLS[name]())) == VECTORS[name]


@pytest.mark.parametrize(("name", "row"), rows("good"))
def test_a_golden_packet_decodes_to_what_it_means(name, row):
    read = DECODERS[name](data(row))
    if name == "vrchat":
        (read,) = read
    matches(read, row["expect"])


@pytest.mark.parametrize(("name", "row"), rows("bad"))
def test_a_broken_packet_is_refused(name, row):
    with pytest.raises(WireError):
        DECODERS[name](data(row))
