"""JSON from the other end: an object or a WireError, whatever comes."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import WireError
from bridge.wire.json_object import json_object

pytestmark = pytest.mark.unit

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), VALUES))
def test_an_object_is_read(value):
    assert json_object(json.dumps(value)) == value == json_object(json.dumps(value).encode())


@given(st.text() | st.binary())
def test_all_else_is_one_error(text):
    with contextlib.suppress(WireError):
        assert isinstance(json_object(text), dict)


@pytest.mark.parametrize("text", ["", "[]", "1", "null", b"\xff", "[" * 100_000, '{"a":' * 100_000, "1" * 10_000])
def test_what_is_no_object_or_nested_too_deeply_is_refused(text):
    with pytest.raises(WireError, match="no JSON object"):
        json_object(text)
