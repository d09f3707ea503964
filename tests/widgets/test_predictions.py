"""Predict, then look: covered, locked, laid over the chart, and gone when it is about something else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from bqplot import Figure

from core.default_capture import default_capture
from core.predictions import PREDICTIONS
from core.tokens import isolated
from tests.captures import random_capture
from tests.widgets.panels import line_of
from widgets.exercises.exercises import settings_of
from widgets.lab import Lab
from widgets.panel import Panel
from widgets.theme import DARK, LIGHT

PARTS = tuple(PREDICTIONS)
FRAMED = (5, 7)
"""Parts whose charts have a frame for rows and cells, which a prediction moves; see below."""

NONSENSE: list[dict[str, Any]] = [
    {},
    {"do": "ask", "part": 0},
    {"do": "ask", "part": "4"},
    {"do": "lock", "part": 5, "answer": 1},
    {"do": "lock", "part": 2, "answer": 99},
    {"do": "lock", "part": 2, "answer": -1},
    {"do": "lock", "part": 2, "answer": "0"},
    {"do": "lock", "part": 2, "answer": None},
]


@pytest.fixture
def lab() -> Lab:
    return Lab(capture=default_capture())


def do(lab: Lab, part: Any, what: str, **more: Any) -> None:
    """What the page sends."""
    lab.predictions._handle_custom_msg({"do": what, "part": part, **more}, [])


def seen(lab: Lab, part: int) -> Any:
    """The part, in view."""
    (panel,) = (panel for panel in lab.panels if panel.number == part)
    panel.visible = True
    return panel


def figures(panel: Panel) -> list[Figure]:
    return [chart.widget for chart in panel._charts if isinstance(chart.widget, Figure)]


@pytest.mark.parametrize("part", PARTS)
def test_asks_locks_and_tells(lab: Lab, part: int) -> None:
    panel = seen(lab, part)
    marks = [list(figure.marks) for figure in figures(panel)]
    do(lab, part, "ask")
    asked = lab.predictions.asked[str(part)]
    assert asked["words"]
    assert "truth" not in asked
    assert lab.predictions.told == {}
    answer = 1 if "options" in asked else asked["high"]
    do(lab, part, "lock", answer=answer)
    assert lab.predictions.asked == {}
    question = PREDICTIONS[part].ask(lab.runner.capture, settings_of(lab.state))
    assert lab.predictions.told == {str(part): question.told(answer)}
    assert lab.state.progress == f"{part}.predict"
    assert question.told(answer) in lab.exercises.answers
    changed = [list(figure.marks) for figure in figures(panel)] != marks
    assert lab.predictions._laid[part]
    assert changed or part in FRAMED, "the prediction is on the charts"
    do(lab, part, "leave")
    assert lab.predictions.told == {}
    assert [list(figure.marks) for figure in figures(panel)] == marks, "the charts are as they were"


def test_lies_where_it_was_said(lab: Lab) -> None:
    panel = seen(lab, 4)
    do(lab, 4, "ask")
    do(lab, 4, "lock", answer=-1.5)
    level, upright = (chart.widget.marks[-2] for chart in (panel.scores, panel.densities))
    np.testing.assert_allclose(line_of(level)[1], [-1.5, -1.5])
    np.testing.assert_allclose(line_of(upright)[0], [-1.5, -1.5])
    assert [list(chart.widget.marks[-1].text) for chart in (panel.scores, panel.densities)] == [
        ["╍╍ You: −1.5"],
        ["You: −1.5"],
    ]


def test_what_lies_outside_the_plot_stands_at_its_edge(lab: Lab) -> None:
    panel = seen(lab, 1)
    do(lab, 1, "ask")
    do(lab, 1, "lock", answer=30)
    line, name = panel.spread.widget.marks[-2:]
    assert set(line_of(line)[1]) == {panel.spread.y_scale.max}
    assert list(name.text) == ["╍╍ You: 30 ↑"]


def test_the_chosen_bar_and_the_chosen_slope(lab: Lab) -> None:
    tokens, averaging = seen(lab, 2), seen(lab, 9)
    do(lab, 2, "ask")
    options = lab.predictions.asked["2"]["options"]
    wanted = isolated(lab.runner.capture.next_text[3])
    do(lab, 2, "lock", answer=options.index(f"“{wanted}”"))
    assert set(line_of(tokens.guesses.widget.marks[-2])[1]) == {3}
    do(lab, 9, "ask")
    assert lab.state.normalisation == "own_width"
    do(lab, 9, "lock", answer=1)
    x, y = line_of(averaging.scatter.widget.marks[-2])
    np.testing.assert_allclose(x, y)


@pytest.mark.parametrize("head", [0, 5])
def test_the_chosen_head_s_panel_is_framed_with_its_name(lab: Lab, head: int) -> None:
    grid = seen(lab, 3).grid
    do(lab, 3, "ask")
    assert lab.predictions.asked["3"]["options"] == [f"head {at}" for at in range(6)]
    do(lab, 3, "lock", answer=head)
    frame, name = grid.widget.marks[-2:]
    x, y = line_of(frame)
    left, top = grid.mosaic.corner(head)
    right, bottom = left + grid.mosaic.columns, top + grid.mosaic.rows
    assert left - grid.mosaic.gap / 2 < min(x) < left < right < max(x) < right + grid.mosaic.gap / 2
    assert top - grid.mosaic.name < min(y) < grid.names.y[head] == top < bottom < max(y)
    assert (list(name.text), name.x[0], name.y[0]) == (["You"], right, top)
    assert grid.selected == 0, "the chosen head of the lab is another thing"


def test_rows_and_cells_are_framed(lab: Lab) -> None:
    layers, softmax = seen(lab, 5), seen(lab, 7)
    do(lab, 5, "ask")
    do(lab, 5, "lock", answer=6)
    for chart in layers.maps:
        _, y = line_of(chart.frame.line)
        assert (min(y), max(y)) == pytest.approx((5.5, 6.5), abs=0.2)
    do(lab, 7, "ask")
    do(lab, 7, "lock", answer=0.2)
    x, y = line_of(softmax.softmax.frame.line)
    assert (min(x), max(x), min(y), max(y)) == (0.5, 1.5, 2.5, 3.5)
    do(lab, 7, "leave")
    assert not len(line_of(softmax.softmax.frame.line)[0])


def test_wears_the_page_s_colours(lab: Lab) -> None:
    panel = seen(lab, 6)
    do(lab, 6, "ask")
    do(lab, 6, "lock", answer=0.5)
    line = panel.softmax.widget.marks[-2]
    assert line.colors == [LIGHT.selected]
    lab.state.theme = "dark"
    assert line.colors == [DARK.selected]


def test_a_question_follows_the_layer_and_an_answer_goes_with_it(lab: Lab) -> None:
    panel = seen(lab, 4)
    do(lab, 4, "ask")
    lab.state.layer = 5
    assert "layer 5" in lab.predictions.asked["4"]["words"]
    do(lab, 4, "lock", answer=1)
    count = len(panel.scores.widget.marks)
    lab.state.mask_size = 9
    assert "4" in lab.predictions.told, "that has nothing to do with it"
    lab.state.layer = 6
    assert lab.predictions.told == lab.predictions.asked == {}
    assert len(panel.scores.widget.marks) == count - 2
    assert lab.state.progress == "4.predict"


def test_another_text_ends_it(lab: Lab) -> None:
    seen(lab, 2)
    do(lab, 2, "ask")
    do(lab, 2, "lock", answer=0)
    lab.runner.show(random_capture(layers=2, heads=2, tokens=5, width=4))
    assert lab.predictions.told == {}


def test_is_laid_over_a_chart_that_is_made_later(lab: Lab) -> None:
    do(lab, 6, "ask")
    do(lab, 6, "lock", answer=0.5)
    panel = seen(lab, 6)
    np.testing.assert_allclose(line_of(panel.softmax.widget.marks[-2])[0], [0.5, 0.5])


def test_with_nothing_to_predict_it_says_so_and_covers_nothing() -> None:
    lab = Lab(capture=random_capture(layers=2, heads=2, tokens=1, width=4))
    do(lab, 8, "ask")
    assert lab.predictions.asked == {}
    assert "longer text" in lab.predictions.told["8"]
    do(lab, 8, "leave")
    assert lab.predictions.told == {}


def test_nonsense_from_the_page_is_left_alone(lab: Lab) -> None:
    do(lab, 2, "ask")
    before = dict(lab.predictions.asked)
    for message in NONSENSE:
        lab.predictions._handle_custom_msg(message, [])
        assert (lab.predictions.asked, lab.predictions.told, lab.state.progress) == (before, {}, ""), message
