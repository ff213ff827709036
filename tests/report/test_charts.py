import re
import xml.etree.ElementTree as ET

import pytest

from automl_text.report.charts import (
    INK,
    _described,
    canvas,
    learning_chart,
    threshold_chart,
    training_chart,
    trials_chart,
)
from automl_text.results import ThresholdRow, TrainingCurve

CURVE = TrainingCurve(
    title="x", metric="pr_auc", steps=(1, 2, 3), training=(0.2, 0.6, 0.9), held_out=(0.1, 0.1, 0.08)
)
MEASURED = [(200, -0.2), (400, -0.1)]
FORECAST = [(500 * k, 0.02 * k, (0.01 * k, 0.03 * k)) for k in (1, 2, 4, 8)]
THRESHOLDS = tuple(
    ThresholdRow(
        threshold=t,
        coverage=1 - t / 2,
        coverage_interval=(0, 1),
        error=0.3 - t / 4,
        error_interval=None,
        n_decided=9,
    )
    for t in (0.0, 0.5, 0.9)
)
DRAWN = {
    "thresholds": lambda: threshold_chart(THRESHOLDS, "words"),
    "training": lambda: training_chart(CURVE, "t", "words"),
    "learning": lambda: learning_chart(MEASURED, FORECAST, "l", "words"),
    "trials": lambda: trials_chart([0.1, None, 0.3, 0.2], "s", "words"),
    "one trial": lambda: trials_chart([0.1], "s", "words"),
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_chart_is_described_xml_of_stable_bytes_in_the_colours_of_the_page(name):
    svg = DRAWN[name]()
    root = ET.fromstring(svg.replace("xlink:href", "href"))  # noqa: S314  (ours)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == "words"
    assert svg == DRAWN[name]()
    assert "var(--accent)" in svg
    assert not re.search(r"#[0-9a-f]{6}\b(?!\w)", re.sub(r'(xlink:href="|url\()#\w+', "", svg))
    assert "<style" not in svg
    assert "font-family" not in svg


def test_two_charts_share_no_id():
    ids = [set(re.findall(r' id="([^"]*)"', training_chart(CURVE, name, "x"))) for name in ("a", "b")]
    assert ids[0]
    assert not ids[0] & ids[1]


def test_text_in_a_chart_is_never_mathematics_and_never_markup():
    with canvas("x") as (axes, drawn):
        axes.text(0, 0, "$\\frac$ <b> & \N{SNOWMAN} \u4e2d", color=INK)
    assert "$\\frac$ &lt;b&gt; &amp; \N{SNOWMAN} \u4e2d</text>" in drawn[0]


def test_a_description_is_escaped():
    assert 'aria-label="&#34;&lt;b&gt;"' in _described('<svg viewBox="0 0 1 1"></svg>', '"<b>')


def test_labels_of_thresholds_never_stand_on_each_other():
    close = [
        ThresholdRow(
            threshold=0.5 + t / 100,
            coverage=0.9 - t / 1000,
            coverage_interval=(0, 1),
            error=0.1,
            error_interval=None,
            n_decided=9,
        )
        for t in range(20)
    ]
    labels = re.findall(r">(0\.\d+)</text>", threshold_chart(close, "words"))
    assert labels == ["0.5"]
