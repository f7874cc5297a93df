"""Tunings in the user's folder: kept in one stroke, found again, and never in the way when they are broken."""

from __future__ import annotations

import logging
import os

import pytest

from bridge.errors import ConfigError, DeviceError
from bridge.tunings import Tunings

pytestmark = pytest.mark.unit

GAIN = {("jawOpen", "gain"): 1.5}


def test_what_was_saved_is_there_at_the_next_start(tmp_path):
    first = Tunings(tmp_path / "tuning")
    first.change("arkit", GAIN)
    assert first.unsaved("arkit") and not (tmp_path / "tuning").exists()
    first.save("arkit")
    assert not first.unsaved("arkit")
    assert Tunings(tmp_path / "tuning").changes("arkit") == GAIN
    assert os.listdir(tmp_path / "tuning") == ["arkit.toml"], "no half file is left"


def test_a_rig_without_changes_has_no_file(tmp_path):
    tunings = Tunings(tmp_path)
    tunings.change("arkit", GAIN)
    tunings.save("arkit")
    tunings.change("arkit", {("jawOpen", "gain"): 1.0})
    assert tunings.changes("arkit") == {} and tunings.unsaved("arkit")
    tunings.save("arkit")
    assert os.listdir(tmp_path) == []
    tunings.save("arkit")


def test_the_retarget_is_the_same_until_something_changes(tmp_path):
    tunings = Tunings(tmp_path)
    before = tunings.retarget("arkit")
    assert tunings.retarget("arkit") is before
    tunings.change("arkit", GAIN)
    assert tunings.retarget("arkit") is not before


def test_a_refused_change_leaves_all_as_it_was(tmp_path):
    tunings = Tunings(tmp_path)
    with pytest.raises(ConfigError):
        tunings.change("arkit", {**GAIN, ("jawOpen", "min"): 1.0})
    assert tunings.changes("arkit") == {} and not tunings.unsaved("arkit")


@pytest.mark.parametrize("content", [b"[tune", b"\xff\xfe", b"[tune]\nnobody = { gain = 1.0 }", b"[tune]\njawOpen = 3"])
def test_a_broken_file_is_one_sentence_in_the_log_and_is_kept(tmp_path, caplog, content):
    (tmp_path / "arkit.toml").write_bytes(content)
    tunings = Tunings(tmp_path)
    with caplog.at_level(logging.WARNING):
        tunings.retarget("arkit")
        tunings.rig("arkit")
    (record,) = caplog.records
    assert "left out" in record.getMessage() and "\n" not in record.getMessage()
    tunings.change("arkit", GAIN)
    tunings.save("arkit")
    assert (tmp_path / "arkit.bad.toml").read_bytes() == content
    assert Tunings(tmp_path).changes("arkit") == GAIN


def test_a_folder_that_can_not_be_written_to_is_a_sentence(tmp_path):
    (tmp_path / "tuning").write_text("a file where the folder should be")
    tunings = Tunings(tmp_path / "tuning")
    tunings.change("arkit", GAIN)
    with pytest.raises(DeviceError, match=r"can't be written: .*\."):
        tunings.save("arkit")
    assert tunings.unsaved("arkit")


@pytest.mark.parametrize("name", ["nosuch", "../arkit", "", "arkit.toml"])
def test_a_rig_there_is_not_is_a_sentence(tmp_path, name):
    with pytest.raises(ConfigError, match="There is no rig"):
        Tunings(tmp_path).save(name)
