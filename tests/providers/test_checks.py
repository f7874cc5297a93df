"""Options out of their range or choice: one sentence that says what is allowed."""

from dataclasses import dataclass

import pytest

from bridge.errors import ConfigError
from bridge.providers._checks import in_range, one_of

pytestmark = pytest.mark.unit


@dataclass
class Options:
    speed: float = 1.0
    form: str = "wav"


@pytest.mark.parametrize("speed", [0.25, 1, 4])
def test_both_ends_are_in_the_range(speed):
    in_range("parrot", Options(speed), speed=(0.25, 4))


@pytest.mark.parametrize("speed", [0.2, 5, float("nan"), float("inf")])
def test_what_lies_outside_is_refused(speed):
    with pytest.raises(ConfigError, match=rf"^parrot's speed is {speed}; it must lie in 0.25 to 4\.$"):
        in_range("parrot", Options(speed), speed=(0.25, 4))


def test_what_is_no_choice_is_refused():
    one_of("parrot", Options(), form=("wav", "mp3"))
    with pytest.raises(ConfigError, match=r"^parrot's form is 'ogg'; it must be one of wav, mp3\.$"):
        one_of("parrot", Options(form="ogg"), form=("wav", "mp3"))
