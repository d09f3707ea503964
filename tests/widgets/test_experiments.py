"""Experiments on the page: nothing runs before Run, then they follow; shown everywhere, taken back, stopped."""

import asyncio
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.attention.intervention import Intervention, read
from core.model.capture import Capture
from core.model.experiments import Experiments
from core.model.said import Said
from core.progress import Progress
from tests.captures import random_capture
from tests.exercises import Invented
from tests.widgets.panels import line_of
from widgets.experiments.run import ASK, STOPPED
from widgets.lab import Lab
from widgets.parts.mask_experiment import MaskExperiment


def said(loss: float) -> Said:
    ids, shares = np.array([1, 2]), np.array([0.5, 0.25], np.float32)
    return Said(ids, ("<b>␣one", "two"), shares, np.full(7, loss, np.float32), np.zeros(9, np.float32))


@pytest.fixture
def lab() -> Lab:
    return Lab(capture=random_capture(layers=6, heads=4, tokens=8, width=4))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Intervention]:
    """What was asked of a stand-in for the model."""
    seen: list[Intervention] = []

    def says(_: Any, shown: Capture, interventions: tuple[Intervention, ...], progress: Progress) -> tuple[Said, ...]:
        seen.extend(interventions)
        progress(0.5)
        return tuple(said(2.0 if one else 1.0) for one in interventions)

    monkeypatch.setattr(Experiments, "says", says)
    return seen


def section(lab: Lab) -> MaskExperiment:
    """The experiment of part 7, on screen."""
    (panel,) = (one for one in lab.panels if isinstance(one, MaskExperiment))
    lab.browser.visible = [panel.name]
    return panel


def away(widget: Any) -> bool:
    return "lab-away" in widget._dom_classes


def test_the_layer_turns_while_an_experiment_that_nobody_has_run_is_in_sight(lab: Lab) -> None:
    async def turn() -> None:
        for layer in (1, 2, 3):
            lab.state.layer = layer

    panel = section(lab)
    asyncio.run(turn())
    assert (lab.state.layer, panel.notice) == (3, ASK)


def test_nothing_runs_before_somebody_presses_run(lab: Lab, asked: list[Intervention]) -> None:
    panel = section(lab)
    lab.state.mask_kind = "window"
    assert (asked, panel.notice) == ([], ASK)
    assert [away(button) for button in (panel.run, panel.stop, panel.everywhere)] == [False, True, True]


def test_after_run_it_follows_its_settings(lab: Lab, asked: list[Intervention]) -> None:
    panel = section(lab)
    panel.run.click()
    assert asked == [(), read("mask-none")]
    assert panel.notice == ""
    assert [away(button) for button in (panel.run, panel.stop, panel.everywhere)] == [True, True, False]
    lab.state.mask_kind, lab.state.mask_layers = "window", "one"
    assert asked[-1] == read(f"mask-window~window-{lab.state.window}~layers-{lab.state.layer}")


def test_it_says_what_the_model_says_and_no_token_is_read_as_html(lab: Lab, asked: list[Intervention]) -> None:
    panel = section(lab)
    panel.run.click()
    assert "the mean loss goes from 1 to 2 nats a token (+1)" in panel._numbers.value
    assert "&lt;b&gt;␣one" in panel.says.next.value
    assert "<b>␣one" not in panel.says.next.value
    shades = [np.frombuffer(strip.weights, "<f4") for strip in panel.says.strips]
    assert [(np.isnan(one[0]), *set(one[1:])) for one in shades] == [(True, 0.5), (True, 1.0)]
    tables = panel.tables(panel.result, panel.capture.token_text)
    assert [table.name for table in tables] == ["part7d-next-tokens", "part7d-losses"]


def test_show_in_all_parts_pins_the_model_as_it_is(lab: Lab, asked: list[Intervention]) -> None:
    panel = section(lab)
    panel.run.click()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(lab.runner), "run", lambda *_: None)
        panel.everywhere.click()
    assert lab.comparison.pinned is not None
    assert (lab.comparison.pinned.state.experiment, lab.state.experiment) == ("", "mask-none")


def test_an_experiment_is_not_run_a_second_time_for_what_is_pinned(lab: Lab, asked: list[Intervention]) -> None:
    panel = section(lab)
    panel.run.click()
    lab.pin()
    assert lab.comparison.panels == []


def test_stop_keeps_the_page_and_run_starts_again(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    panel = section(lab)
    rounds: list[int] = []

    def says(_: Any, shown: Capture, interventions: tuple[Intervention, ...], progress: Progress) -> tuple[Said, ...]:
        rounds.append(0)
        while len(rounds) == 1:  # until it is stopped
            progress(0.1)
        return tuple(said(1.0) for _ in interventions)

    monkeypatch.setattr(Experiments, "says", says)

    async def scenario() -> None:
        panel.run.click()
        await asyncio.sleep(0.1)
        assert (panel.busy, away(panel.stop)) == (True, False)
        panel.stop.click()
        assert (panel.busy, panel.notice, away(panel.run)) == (False, STOPPED, False)
        panel.run.click()
        while panel.result is None:
            await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(scenario(), 20))
    assert panel.notice == ""


def test_the_strip_says_what_is_changed_and_takes_it_back(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lab.bar.changed.strip is None
    assert lab.runner.capture is not None
    lab.runner.show(replace(lab.runner.capture, intervention=read("divide-1~layers-2")))
    assert lab.bar.changed.strip in lab.bar.widget.children
    assert "scores divided by 1 in layer 2" in lab.bar.changed.words.value
    monkeypatch.setattr(type(lab.runner), "run", lambda *_: None)
    lab.bar.changed.back.click()
    assert lab.state.experiment == ""


def test_the_scale_experiment_draws_the_entropy_of_every_layer(
    lab: Lab, asked: list[Intervention], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Experiments, "run", Invented.run)
    lab.browser.visible = ["scale_experiment"]
    panel = lab.scale_experiment
    assert (asked, panel.notice) == ([], ASK)
    panel.run.click()
    assert asked == [(), read("divide-1")]
    for line, entropy in zip(panel.entropy.lines, panel.result[1:], strict=True):
        np.testing.assert_allclose(line_of(line)[1], entropy, rtol=1e-6)
    assert (panel.result.entropy_after < panel.result.entropy_before).all()
    lab.state.divisor, lab.state.divided_by, lab.state.scale_layers = "number", 16.0, "one"
    assert asked[-1] == read(f"divide-16~layers-{lab.state.layer}")
    np.testing.assert_array_equal(line_of(panel.entropy.mark)[0], [lab.state.layer] * 2)
    tables = panel.tables(panel.result, panel.capture.token_text)
    assert [table.name for table in tables] == ["part6b-entropy", "part6b-next-tokens", "part6b-losses"]


def test_the_first_tokens_experiment_follows_its_settings(lab: Lab, asked: list[Intervention]) -> None:
    lab.browser.visible = ["first_token_experiment"]
    panel = lab.first_token_experiment
    panel.run.click()
    assert asked == [(), read("mask-nofirst")]
    lab.state.first_look, lab.state.first_layers = "onlyfirst", "one"
    assert asked[-1] == read(f"mask-onlyfirst~layers-{lab.state.layer}")
