"""Two texts and patching on the page: the field of text A, strips, charts, and what no part can show."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.model.capture import Capture, NoText
from core.model.experiments import Experiments
from core.parts.softmax_by_layer.patching import EXAMPLE
from core.parts.softmax_by_layer.two_texts import two_texts
from core.progress import Progress, silent
from tests.captures import random_capture
from tests.exercises import Invented
from tests.widgets.panels import dots_of, line_of, words_of
from widgets.lab import Lab

CAPTURE = replace(random_capture(layers=5, heads=4, tokens=8, width=4), text="The text on show.")


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.setattr("widgets.lab.Experiments", lambda _: Invented())
    return Lab(capture=CAPTURE)


def run(lab: Lab, name: str) -> Any:
    """A section on screen, run."""
    panel = getattr(lab, name)
    lab.browser.visible = [name]
    panel.run.click()
    assert panel.notice == ""
    return panel


def shades(strip: Any) -> np.ndarray:
    return np.frombuffer(strip.weights, "<f4")


@pytest.mark.parametrize("name", ["two_texts", "patching"])
def test_before_anything_has_run_it_says_what_run_does(lab: Lab, name: str) -> None:
    lab.browser.visible = [name]
    assert getattr(lab, name).notice.startswith("Nothing has run yet. Press Run: the model reads text A")


def test_two_texts_show_how_far_they_lie_apart_by_layer(lab: Lab) -> None:
    panel = run(lab, "two_texts")
    both = two_texts(Invented().of_text(CAPTURE, lab.state.other_text), CAPTURE)
    for row, line in enumerate(panel.lines.lines):
        x, y = line_of(line)
        assert x.tolist() == list(range(5))
        np.testing.assert_allclose(y, both.difference[row], rtol=1e-5)
    assert "7 of 8 tokens of the text on show have a partner" in words_of(panel._numbers)


def test_strips_shade_partners_by_their_queries_and_hatch_the_others(lab: Lab) -> None:
    panel = run(lab, "two_texts")
    for layer in (1, 3):
        lab.state.layer = layer
        of_token = panel.result.of_token[layer]
        for strip in panel.strips:
            assert np.flatnonzero(np.isnan(shades(strip))).tolist() == [1]
            np.testing.assert_allclose(np.delete(shades(strip), 1), of_token / of_token.max(), rtol=1e-5)
        assert f"queries of layer {layer}" in words_of(panel.captions[0])


def test_another_text_a_is_compared_and_the_text_on_show_can_be_taken(lab: Lab) -> None:
    panel = run(lab, "two_texts")
    before = panel.result.difference
    lab.state.other_text = "Another text."
    assert not np.array_equal(panel.result.difference, before)
    panel.take.click()
    assert lab.state.other_text == "The text on show."
    assert "Both texts are the same" in words_of(panel._numbers)


def test_a_blank_text_a_is_asked_for(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def of_text(_: Experiments, shown: Capture, text: str, progress: Progress = silent) -> Capture:
        raise NoText

    panel = run(lab, "two_texts")
    monkeypatch.setattr(Invented, "of_text", of_text)
    lab.state.other_text = " "
    assert panel.notice == str(NoText())


def test_patching_shows_each_layer_and_each_head_between_a_and_b(lab: Lab) -> None:
    panel = run(lab, "patching")
    result = panel.result
    for chart, values in ((panel.layers, result.by_layer), (panel.heads, result.by_head)):
        assert set(line_of(chart.lines[0])[1]) == {np.float32(result.of_a)}
        assert set(line_of(chart.lines[1])[1]) == {np.float32(result.of_b)}
        np.testing.assert_allclose(dots_of(chart.points, 2)[1], values, rtol=1e-5)
    assert "Text B with scores of A" in words_of(panel.says.next)
    assert words_of(panel.says.next).count("%") == 15


def test_a_click_chooses_the_layer_and_the_head(lab: Lab) -> None:
    panel = run(lab, "patching")
    for chart, x in ((panel.layers, 3.2), (panel.heads, 1.8)):
        chart._pointed(None, {"event": "click", "domain": {"x": x, "y": 0.0}}, None)
    assert (lab.state.layer, lab.state.head) == (3, 2)
    assert panel.result.layer == 3


@pytest.mark.parametrize("name", ["two_texts", "patching"])
def test_what_no_link_can_hold_is_not_offered_for_all_parts(lab: Lab, name: str) -> None:
    panel = run(lab, name)
    (buttons,) = (one for one in panel.build_controls() if "lab-run-experiment" in one._dom_classes)
    assert buttons.children == (panel.run, panel.stop)


def test_the_example_sets_both_texts(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(lab.runner), "run", lambda *_: None)
    lab.patching.example.click()
    assert (lab.state.other_text, lab.state.text) == EXAMPLE


def test_patching_gives_the_same_scores_while_the_texts_stay(lab: Lab) -> None:
    panel = run(lab, "patching")
    pair = panel._pair
    lab.state.patched = "head"
    assert panel._pair is pair
    lab.state.other_text = "Another text."
    assert panel._pair is not pair
