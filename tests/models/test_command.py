"""How the commands of models/ end."""

from __future__ import annotations

import argparse
import errno

import pytest

from bridge.errors import InputError
from models import command

pytestmark = pytest.mark.unit


def refuse():
    raise InputError("a.npz is no take.")


def lose():
    raise OSError(errno.ENOSPC, "No space left on device", "a.npz")


@pytest.mark.parametrize(
    ("work", "status", "said"),
    [
        (lambda: None, 0, ""),
        (refuse, 1, "own: a.npz is no take.\n"),
        (lose, 1, "own: a.npz: No space left on device.\n"),
    ],
    ids=["done", "refused", "a file"],
)
def test_what_goes_wrong_is_one_sentence(work, status, said, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["models/data/own.py"])
    assert command.run(work) == status
    assert capsys.readouterr().err == said


def test_numbers_that_make_no_sense_are_no_arguments():
    assert command.at_least(1)("3") == 3 and command.above_zero("0.5") == 0.5
    for text in ("0", "-2"):
        with pytest.raises(argparse.ArgumentTypeError):
            command.at_least(1)(text)
    for text in ("0", "-1", "nan", "inf"):
        with pytest.raises(argparse.ArgumentTypeError):
            command.above_zero(text)
