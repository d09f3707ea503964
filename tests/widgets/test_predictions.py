"""Predict, then look: covered, locked, laid over the chart, and gone when it is about something else."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import numpy as np
import pytest
from bqplot import Figure

from core.model.catalogue import ModelUnavailable
from core.model.default_capture import default_capture
from core.model.experiments import Experiments
from core.model.tokens import isolated
from tests.captures import random_capture
from tests.exercises import PREDICTION_IDS, PREDICTIONS, Invented, ask
from tests.widgets.panels import line_of
from widgets.exercises.predictions import FAILED, RUNNING
from widgets.exercises.settings import settings_of
from widgets.lab import Lab
from widgets.panel.panel import Panel
from widgets.theme import DARK, LIGHT

PANELS = tuple(PREDICTIONS)
FRAMED = ("raw_scores_by_layer", "softmax", "head_pairs")
"""Panels whose charts have a frame for rows and cells, which a prediction moves; see below."""
WITHOUT_CHARTS = ("averaged_heads", "first_token_experiment", "heads_off", "mask_experiment", "scale_experiment")
"""Sections whose charts, where there are any, show no answer: what was said is told below them."""

NONSENSE: list[dict[str, Any]] = [
    {},
    {"do": "ask", "panel": "averages"},
    {"do": "ask", "panel": 4},
    {"do": "lock", "panel": "raw_scores_by_layer", "answer": 1},
    {"do": "lock", "panel": "tokens", "answer": 99},
    {"do": "lock", "panel": "tokens", "answer": -1},
    {"do": "lock", "panel": "tokens", "answer": "0"},
    {"do": "lock", "panel": "tokens", "answer": None},
]


@pytest.fixture
def lab() -> Lab:
    return Lab(capture=default_capture())


def do(lab: Lab, panel: Any, what: str, **more: Any) -> None:
    """What the page sends."""
    lab.predictions._handle_custom_msg({"do": what, "panel": panel, **more}, [])


def seen(lab: Lab, name: str) -> Any:
    """The part or section, in view."""
    (panel,) = (panel for panel in lab.panels if panel.name == name)
    panel.visible = True
    return panel


def figures(panel: Panel) -> list[Figure]:
    return [chart.widget for chart in panel.charts if isinstance(chart.widget, Figure)]


@pytest.mark.parametrize("name", PANELS)
def test_asks_locks_and_tells(lab: Lab, name: str) -> None:
    panel = seen(lab, name)
    panel.session.laboratory.begun = True  # experiments draw once they have run
    marks = [list(figure.marks) for figure in figures(panel)]
    do(lab, name, "ask")
    asked = lab.predictions.asked[name]
    assert asked["words"]
    assert "truth" not in asked
    assert lab.predictions.told == {}
    answer = 1 if "options" in asked else asked["high"]
    do(lab, name, "lock", answer=answer)
    assert lab.predictions.asked == {}
    question = ask(PREDICTIONS[name], lab.runner.capture, settings_of(lab.state))
    assert lab.predictions.told == {name: question.told(answer)}
    assert lab.state.progress == PREDICTION_IDS[name].replace("-", ".", 1)
    assert question.told(answer) in lab.exercises.answers
    changed = [list(figure.marks) for figure in figures(panel)] != marks
    if name not in WITHOUT_CHARTS:
        assert lab.predictions._laid[name]
        assert changed or name in FRAMED, "the prediction is on the charts"
    do(lab, name, "leave")
    assert lab.predictions.told == {}
    assert [list(figure.marks) for figure in figures(panel)] == marks, "the charts are as they were"


def test_lies_where_it_was_said(lab: Lab) -> None:
    panel = seen(lab, "raw_scores")
    do(lab, "raw_scores", "ask")
    do(lab, "raw_scores", "lock", answer=-1.5)
    level, upright = (chart.widget.marks[-2] for chart in (panel.scores, panel.densities))
    np.testing.assert_allclose(line_of(level)[1], [-1.5, -1.5])
    np.testing.assert_allclose(line_of(upright)[0], [-1.5, -1.5])
    assert [list(chart.widget.marks[-1].text) for chart in (panel.scores, panel.densities)] == [
        ["╍╍ You: −1.5"],
        ["You: −1.5"],
    ]


def test_what_lies_outside_the_plot_stands_at_its_edge(lab: Lab) -> None:
    panel = seen(lab, "scaling")
    do(lab, "scaling", "ask")
    do(lab, "scaling", "lock", answer=30)
    line, name = panel.spread.widget.marks[-2:]
    assert set(line_of(line)[1]) == {panel.spread.y_scale.max}
    assert list(name.text) == ["╍╍ You: 30 ↑"]


def test_the_chosen_bar_and_the_chosen_slope(lab: Lab) -> None:
    tokens, averaging = seen(lab, "tokens"), seen(lab, "averaging")
    do(lab, "tokens", "ask")
    options = lab.predictions.asked["tokens"]["options"]
    wanted = isolated(lab.runner.capture.next_text[3])
    do(lab, "tokens", "lock", answer=options.index(f"“{wanted}”"))
    assert set(line_of(tokens.guesses.widget.marks[-2])[1]) == {3}
    do(lab, "averaging", "ask")
    assert lab.state.normalisation == "own_width"
    do(lab, "averaging", "lock", answer=1)
    x, y = line_of(averaging.scatter.widget.marks[-2])
    np.testing.assert_allclose(x, y)


@pytest.mark.parametrize("head", [0, 5])
def test_the_chosen_head_s_panel_is_framed_with_its_name(lab: Lab, head: int) -> None:
    grid = seen(lab, "heads").grid
    do(lab, "heads", "ask")
    assert lab.predictions.asked["heads"]["options"] == [f"head {at}" for at in range(6)]
    do(lab, "heads", "lock", answer=head)
    frame, name = grid.widget.marks[-2:]
    x, y = line_of(frame)
    left, top = grid.mosaic.corner(head)
    right, bottom = left + grid.mosaic.columns, top + grid.mosaic.rows
    assert left - grid.mosaic.gap / 2 < min(x) < left < right < max(x) < right + grid.mosaic.gap / 2
    assert top - grid.mosaic.name < min(y) < grid.names.y[head] == top < bottom < max(y)
    assert (list(name.text), name.x[0], name.y[0]) == (["You"], right, top)
    assert grid.selected == 0, "the chosen head of the lab is another thing"


def test_rows_and_cells_are_framed(lab: Lab) -> None:
    layers, softmax = seen(lab, "raw_scores_by_layer"), seen(lab, "softmax")
    do(lab, "raw_scores_by_layer", "ask")
    do(lab, "raw_scores_by_layer", "lock", answer=6)
    for chart in layers.maps:
        _, y = line_of(chart.frame.line)
        assert (min(y), max(y)) == pytest.approx((5.5, 6.5), abs=0.2)
    do(lab, "softmax", "ask")
    do(lab, "softmax", "lock", answer=0.2)
    x, y = line_of(softmax.softmax.frame.line)
    assert (min(x), max(x), min(y), max(y)) == (0.5, 1.5, 2.5, 3.5)
    do(lab, "softmax", "leave")
    assert not len(line_of(softmax.softmax.frame.line)[0])


def test_wears_the_page_s_colours(lab: Lab) -> None:
    panel = seen(lab, "distributions")
    do(lab, "distributions", "ask")
    do(lab, "distributions", "lock", answer=0.5)
    line = panel.softmax.widget.marks[-2]
    assert line.colors == [LIGHT.selected]
    lab.state.theme = "dark"
    assert line.colors == [DARK.selected]


def test_a_question_follows_the_layer_and_an_answer_goes_with_it(lab: Lab) -> None:
    panel = seen(lab, "raw_scores")
    do(lab, "raw_scores", "ask")
    lab.state.layer = 5
    assert "layer 5" in lab.predictions.asked["raw_scores"]["words"]
    do(lab, "raw_scores", "lock", answer=1)
    count = len(panel.scores.widget.marks)
    lab.state.mask_size = 9
    assert "raw_scores" in lab.predictions.told, "that has nothing to do with it"
    lab.state.layer = 6
    assert lab.predictions.told == lab.predictions.asked == {}
    assert len(panel.scores.widget.marks) == count - 2
    assert lab.state.progress == "4.predict"


def test_another_text_ends_it(lab: Lab) -> None:
    seen(lab, "tokens")
    do(lab, "tokens", "ask")
    do(lab, "tokens", "lock", answer=0)
    lab.runner.show(random_capture(layers=2, heads=2, tokens=5, width=4))
    assert lab.predictions.told == {}


def test_is_laid_over_a_chart_that_is_made_later(lab: Lab) -> None:
    do(lab, "distributions", "ask")
    do(lab, "distributions", "lock", answer=0.5)
    panel = seen(lab, "distributions")
    np.testing.assert_allclose(line_of(panel.softmax.widget.marks[-2])[0], [0.5, 0.5])


def test_with_nothing_to_predict_it_says_so_and_covers_nothing() -> None:
    lab = Lab(capture=random_capture(layers=2, heads=2, tokens=1, width=4))
    do(lab, "softmax_by_layer", "ask")
    assert lab.predictions.asked == {}
    assert "longer text" in lab.predictions.told["softmax_by_layer"]
    do(lab, "softmax_by_layer", "leave")
    assert lab.predictions.told == {}


def test_nonsense_from_the_page_is_left_alone(lab: Lab) -> None:
    do(lab, "tokens", "ask")
    before = dict(lab.predictions.asked)
    for message in NONSENSE:
        lab.predictions._handle_custom_msg(message, [])
        assert (lab.predictions.asked, lab.predictions.told, lab.state.progress) == (before, {}, ""), message


def test_while_the_model_runs_the_charts_stay_covered(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    name, may_answer = "mask_experiment", threading.Event()

    def says(_: Any, *question: Any) -> Any:
        assert may_answer.wait(20)
        return Invented().says(*question)

    monkeypatch.setattr(Experiments, "says", says)
    coming = {"words": RUNNING, "coming": True}

    async def until_asked() -> None:
        while lab.predictions.asked[name] == coming:
            await asyncio.sleep(0.01)

    async def scenario() -> None:
        do(lab, name, "ask")
        assert lab.predictions.asked == {name: coming}
        do(lab, name, "lock", answer=0)
        assert lab.predictions.asked == {name: coming}, "there is nothing to answer yet"
        may_answer.set()
        await until_asked()
        assert "all layers" in lab.predictions.asked[name]["words"]
        may_answer.clear()
        lab.state.mask_layers = "one"
        assert lab.predictions.asked == {name: coming}, "it is asked again about what is on show now"
        may_answer.set()
        await until_asked()
        assert f"layer {lab.state.layer}" in lab.predictions.asked[name]["words"]
        may_answer.clear()
        do(lab, name, "leave")
        do(lab, name, "ask")
        do(lab, name, "leave")
        may_answer.set()
        await asyncio.sleep(0.2)
        assert (lab.predictions.asked, lab.predictions.told) == ({}, {}), "nobody waits for it"

    asyncio.run(asyncio.wait_for(scenario(), 20))


def test_locking_what_the_model_was_asked_for_runs_the_experiment(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Experiments, "says", lambda _, *question: Invented().says(*question))
    do(lab, "mask_experiment", "ask")
    assert not lab.laboratory.begun
    do(lab, "mask_experiment", "lock", answer=0)
    assert lab.laboratory.begun


def test_a_model_that_cannot_be_asked_says_why_and_covers_nothing(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: Any) -> Any:
        raise ModelUnavailable("The model is gone.")

    monkeypatch.setattr(Experiments, "says", gone)
    do(lab, "mask_experiment", "ask")
    assert (lab.predictions.asked, lab.predictions.told) == ({}, {"mask_experiment": "The model is gone."})
    monkeypatch.setattr(Experiments, "says", lambda *_: 1 / 0)
    do(lab, "mask_experiment", "ask")
    assert (lab.predictions.asked, lab.predictions.told) == ({}, {"mask_experiment": FAILED})
