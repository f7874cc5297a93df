from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

pytest.importorskip("torch", reason="models/ needs torch")

from bridge import resources
from bridge.onnx import FaceNetwork
from bridge.types import SHAPE_INDEX, Phone
from models import filmstrip, report

pytestmark = pytest.mark.model


def test_a_chart_draws_every_curve_within_its_frame():
    curves = {"recorded <1>": np.linspace(0, 1, 90, dtype=np.float32), "network": np.full(80, np.nan, np.float32)}
    figure = ElementTree.fromstring(report.Chart("a & b", curves).svg())
    lines = figure.findall(".//polyline")
    assert [len(line.get("points").split()) for line in lines] == [90, 80]
    heights = [float(point.split(",")[1]) for line in lines for point in line.get("points").split()]
    assert 0 <= min(heights) <= max(heights) <= report.HEIGHT
    assert "recorded <1>" in "".join(figure.itertext())


def test_a_page_holds_its_sections(tmp_path):
    section = report.Section("one", {"network": {"gap_r": 0.5}, "teacher": {}}, [])
    report.write(tmp_path / "page.html", [section])
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "<h2>one</h2>" in page
    assert "0.500" in page


def test_the_film_is_in_the_page_and_where_there_is_none_the_page_says_why(tmp_path):
    report.write(tmp_path / "page.html", [], report.Film("Hello & goodbye", b"a picture"))
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "Hello &amp; goodbye" in page
    assert "base64,YSBwaWN0dXJl" in page
    report.write(tmp_path / "page.html", [], report.Film("Hello", failure="No <browser>"))
    assert "No &lt;browser&gt;" in (tmp_path / "page.html").read_text("utf-8")


def test_a_film_shows_each_emotion_at_the_same_moments():
    phones = [Phone(i / 10, (i + 1) / 10, p) for i, p in enumerate(["", *"abcdefghi", ""])]
    shown = filmstrip.moments(phones, 4)
    assert [p.ipa for p in shown] == ["a", "d", "f", "i"]
    network = FaceNetwork(resources.folder("weights"))
    samples = np.random.default_rng(0).normal(0, 0.1, 36_000).astype(np.float32)
    faces = [filmstrip.played(network, samples, emotion).face for emotion in ("neutral", "happy", "sad")]
    assert {len(f) for f in faces} == {90}
    smile, frown = (SHAPE_INDEX[f"mouth{name}Left"] for name in ("Smile", "Frown"))
    assert faces[1][-1, smile] > faces[0][-1, smile] + 0.1
    assert faces[2][-1, frown] > faces[0][-1, frown] + 0.1
