"""How long a service asks to be left alone."""

import email.utils
import time

import pytest

from bridge.providers._waiting import retry_after

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("said", "words"),
    [("7", "wait 7 s"), ("0.2", "wait 1 s"), ("0", "wait 1 s"), ("soon", "wait a little"), ("inf", "wait a little")],
)
def test_seconds_or_nothing_of_use(said, words):
    assert retry_after({"retry-after": said}) == words


def test_none_is_told():
    assert retry_after({}) == "wait a little"


def test_a_date():
    words = retry_after({"retry-after": email.utils.formatdate(time.time() + 3600)})
    assert 3500 < int(words.split()[1]) <= 3600
