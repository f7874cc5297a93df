"""Learning curves: every line of a log is drawn, and a log that is none is named."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

pytest.importorskip("torch", reason="models/ needs torch")

from bridge.errors import InputError
from models.curves import HEIGHT, WIDTH, chart, page, read_log

pytestmark = pytest.mark.model

LOG = [{"step": s, "spent_s": s / 2, "error": 1 / s} for s in (100, 200, 400)]


def test_each_run_is_a_line_that_falls_as_its_loss_does():
    figure = ElementTree.fromstring(chart("error", {"one": LOG, "two": LOG[:2]}))
    lines = [line.get("points").split() for line in figure.findall(".//polyline")]
    assert [len(line) for line in lines] == [3, 2]
    places = [tuple(map(float, point.split(","))) for point in lines[0]]
    assert sorted(places) == places == sorted(places, key=lambda p: p[1])
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places)


def test_a_page_shows_each_part_of_the_loss_once():
    text = page({"one": [*LOG, {"step": 500, "gap": 0.5}], "<two>": LOG})
    assert text.count("<figure") == 2
    assert "&lt;two&gt;" in text
    with pytest.raises(InputError, match="told apart"):
        page({str(i): LOG for i in range(9)})


def test_a_log_is_read_and_a_broken_one_is_named(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join(map(json.dumps, LOG)), "utf-8")
    assert read_log(tmp_path) == LOG
    for text, said in (('{"step": 1}\n{"st', "line 2"), ("", "empty"), ('{"error": 1}', "line 1")):
        path.write_text(text, "utf-8")
        with pytest.raises(InputError, match=rf"log\.jsonl.*{said}"):
            read_log(tmp_path)
