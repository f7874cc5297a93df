"""VTube Studio's envelopes as its README shows them."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import WireError
from bridge.wire import vtube_studio as vts
from bridge.wire.vtube_studio import Envelope, decode, encode

pytestmark = pytest.mark.vectors

JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=6,
)


def test_the_documented_request():
    assert encode(Envelope("APIStateRequest", request_id="MyIDWithLessThan64Characters")) == (
        '{"apiName":"VTubeStudioPublicAPI","apiVersion":"1.0","requestID":"MyIDWithLessThan64Characters",'
        '"messageType":"APIStateRequest"}'
    )


def test_injection_carries_values_by_name():
    fields = json.loads(encode(vts.inject(["FaceAngleX", "MouthOpen"], [12.31, 2e6])))
    assert fields["messageType"] == "InjectParameterDataRequest"
    assert fields["data"] == {
        "faceFound": True,
        "mode": "set",
        "parameterValues": [{"id": "FaceAngleX", "value": 12.31}, {"id": "MouthOpen", "value": 1e6}],
    }


def test_a_parameter_is_made_within_its_rules():
    made = vts.create_parameter("AbJawOpen", "x" * 300, 0.0, 1.0)
    assert len(made.data["explanation"]) < 256 and made.data["defaultValue"] == 0.0
    assert vts.create_parameter("AbJawOpen", "", 5.0, 9.0).data["defaultValue"] == 5.0
    for name in ("Jaw", "Jaw Open", "Jaw_Open", "J" * 33, ""):
        with pytest.raises(WireError, match="4 to 32"):
            vts.create_parameter(name, "", 0.0, 1.0)


def test_errors_are_told():
    error = '{"apiName":"VTubeStudioPublicAPI","messageType":"APIError","data":{"errorID":50,"message":"Denied."}}'
    assert decode(error).error == "Denied. (50)" and decode(error).data["errorID"] == vts.DENIED
    assert decode('{"apiName":"VTubeStudioPublicAPI","messageType":"APIStateResponse","timestamp":1}').error == ""


@given(
    st.text(min_size=1),
    st.dictionaries(st.text(max_size=5), JSON, max_size=3),
    st.from_regex(r"[!-~]{0,64}", fullmatch=True),
)
def test_there_and_back(kind, data, request_id):
    with contextlib.suppress(UnicodeEncodeError):
        kind.encode()
        assert decode(encode(Envelope(kind, data, request_id))) == Envelope(kind, data, request_id)


@pytest.mark.parametrize(
    "envelope", [Envelope("X", {"v": float("nan")}), Envelope("X", {}, "é"), Envelope("X", {}, "a" * 65)]
)
def test_what_the_program_would_refuse_is_not_written(envelope):
    with pytest.raises(WireError):
        encode(envelope)


@given(
    st.one_of(
        st.text(max_size=60),
        JSON.map(json.dumps),
        JSON.map(lambda v: json.dumps({"apiName": vts.API_NAME, "messageType": v, "data": v})),
    )
)
def test_no_text_raises_anything_but_wire_errors(text):
    for given_text in (text, text.encode("utf-8", "replace"), b"\xff" + text.encode("utf-8", "replace"), "[" * 100_000):
        with contextlib.suppress(WireError):
            answer = decode(given_text)
            assert isinstance(answer.error, str)
            vts.default_names(answer)
