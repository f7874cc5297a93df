"""The TypeScript types are those of the server: made from its schema, and made again when it changes."""

import pytest

from bridge.wire import control
from tools import make_types

pytestmark = pytest.mark.unit


def test_the_file_is_what_the_schema_makes():
    assert make_types.FILE.read_text("utf-8") == make_types.text(), "run 'python -m tools.make_types'"


@pytest.mark.parametrize("name", [*control.FROM_CLIENT, *control.FROM_SERVER])
def test_every_message_is_there(name):
    assert f'readonly type: "{name}";' in make_types.text()
