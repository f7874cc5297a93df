from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

pytest.importorskip("torch", reason="models/ needs torch")

from models import report

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
