"""Part 10's sections on switched-off heads: the grid, and the ranking that fills, stops, goes on and gives way."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from core.attention.intervention import UNCHANGED, Intervention, read
from core.model.capture import Capture
from core.model.experiments import Losses, unheard
from core.progress import Progress, silent
from tests.captures import random_capture
from tests.exercises import Invented
from tests.widgets.panels import words_of
from widgets.charts.picture import GAP, HATCH, MASKED
from widgets.charts.switches import EDGE, ON, SIDE
from widgets.experiments.run import STOPPED
from widgets.lab import Lab
from widgets.parts.head_ranking import HeadRankingSection

L, H = 4, 3
CAPTURE = random_capture(layers=L, heads=H, tokens=9, width=4)
OTHER = random_capture(layers=L, heads=H, tokens=8, width=4, seed=1)
LONG = 30  # seconds


class Slow(Invented):
    """A stand-in for the model that remembers, and that waits for leave before each head."""

    def __init__(self) -> None:
        super().__init__()
        self.leave = threading.Semaphore(0)
        self.known: dict[tuple[bytes, Intervention], Losses] = {}
        self.run: list[tuple[int, Intervention]] = []
        """What was run: the tokens of the text, and the change."""

    def losses(
        self,
        shown: Capture,
        interventions: Sequence[Intervention],
        take: Callable[[int, Losses], None] = unheard,
        progress: Progress = silent,
    ) -> list[Losses]:
        found = []
        for place, one in enumerate(interventions):
            key = (shown.token_ids.tobytes(), one)
            if key not in self.known:
                if one != UNCHANGED:
                    assert self.leave.acquire(timeout=LONG)
                self.run.append((shown.tokens, one))
                self.known[key] = self.says(shown, [one])[0].losses
            found.append(self.known[key])
            take(place, found[-1])
        return found


@pytest.fixture
def lab() -> Lab:
    lab = Lab(capture=CAPTURE)
    lab.laboratory.experiments = Invented()
    return lab


def click(chart: Any, layer: float, head: float) -> None:
    chart._pointed(None, {"event": "click", "domain": {"x": head, "y": layer}}, None)


def place(grid: Any, layer: int, head: int) -> np.ndarray:
    """The picture's cells of a head."""
    top, left = (L - 1 - layer) * SIDE, head * SIDE
    return grid._cells[top : top + SIDE, left : left + SIDE]


def begun(lab: Lab, name: str) -> Any:
    lab.browser.visible = [name]
    section = getattr(lab, name)
    section.run.click()
    return section


def away(widget: Any) -> bool:
    return "lab-away" in widget._dom_classes


def test_a_click_switches_a_head_off_and_on_again(lab: Lab) -> None:
    section = begun(lab, "heads_off")
    assert set(np.unique(section.grid._cells)) == {ON, GAP}
    click(section.grid, 2.2, 0.8)
    click(section.grid, 0.1, 2.4)
    assert lab.state.heads_off == "0.2_2.1"
    for layer, head in np.ndindex(L, H):
        inside = place(section.grid, layer, head)[EDGE:-EDGE, EDGE:-EDGE]
        assert set(np.unique(inside)) == ({HATCH, MASKED} if (layer, head) in [(0, 2), (2, 1)] else {ON})
    assert "2 of 12 heads off: the mean loss goes from" in words_of(section._numbers)
    click(section.grid, 2, 1)
    assert lab.state.heads_off == "0.2"


def test_by_keyboard_the_chosen_head_is_switched(lab: Lab) -> None:
    section = begun(lab, "heads_off")
    lab.state.layer, lab.state.head = 3, 2
    assert section.switch.description == "Switch off layer 3, head 2"
    assert away(section.all_on)
    section.switch.click()
    assert (lab.state.heads_off, section.switch.description) == ("3.2", "Switch on layer 3, head 2")
    assert section.result.effect.intervention == read("weights-zero~layers-3~heads-2")
    assert not away(section.all_on)
    section.all_on.click()
    assert (lab.state.heads_off, section.result.effect.intervention) == ("", UNCHANGED)


def test_the_grid_frames_the_chosen_head(lab: Lab) -> None:
    section = begun(lab, "heads_off")
    lab.state.layer = 3
    assert section.grid.pointer.y.tolist() == [3]


def test_heads_of_another_model_are_left_out(lab: Lab) -> None:
    lab.state.set_trait("heads_off", "99.0_1.1_nonsense")
    section = begun(lab, "heads_off")
    assert section.result.off.sum() == 1
    assert section.notice == ""


def test_the_map_and_the_buttons_go_to_a_head(lab: Lab) -> None:
    section = begun(lab, "head_ranking")
    most = section.result.most_missed
    assert [button.description.partition(":")[0] for button in section.most.buttons] == [
        f"Layer {one.layer}, head {one.head}" for one in most
    ]
    section.most.buttons[1].click()
    assert (lab.state.layer, lab.state.head) == most[1][:2]
    click(section.map, 0.2, 1.9)
    assert (lab.state.layer, lab.state.head) == (0, 2)
    np.testing.assert_array_equal(section.map._given[0], section.result.rise)


def test_weights_may_be_the_mean_ones(lab: Lab) -> None:
    section = begun(lab, "head_ranking")
    before = section.result.rise
    lab.state.set_trait("off_weights", "textmean")
    assert not np.array_equal(section.result.rise, before)


def ran(section: HeadRankingSection) -> int:
    return 0 if section.result is None else int(np.isfinite(section.result.rise).sum())


async def until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0.01)


def slowly(lab: Lab, scenario: Callable[[HeadRankingSection, Slow], Any]) -> None:
    """Run a scenario with a ranking in its thread, then let what still waits there end."""
    model = lab.laboratory.experiments = Slow()

    async def play() -> None:
        section = begun(lab, "head_ranking")
        try:
            await asyncio.wait_for(scenario(section, model), LONG)
        finally:
            model.leave.release(100)

    asyncio.run(play())


def test_the_map_fills_while_it_runs_and_stop_keeps_it(lab: Lab) -> None:
    async def scenario(section: HeadRankingSection, model: Slow) -> None:
        model.leave.release(5)
        await until(lambda: ran(section) == 5)
        assert section.busy
        assert np.isfinite(section.map._given[0]).sum() == 5
        assert "5 of 12 heads so far" in words_of(section._numbers)
        lab.state.layer = 3
        assert section.map.pointer.y.tolist() == [3]
        section.stop.click()
        assert (section.busy, section.notice, ran(section)) == (False, "", 5)
        assert (away(section.run), away(section.stop)) == (False, True)
        lab.state.layer = 2
        assert (section.notice, section.map.pointer.y.tolist()) == ("", [2])
        before = len(model.run)
        model.leave.release(100)
        section.run.click()
        await until(lambda: not section.busy)
        assert ran(section) == 12
        assert len(model.run) - before <= 12 - 5, "what was known is not run again"

    slowly(lab, scenario)


def test_stopped_before_there_is_anything_or_for_other_weights_it_says_so(lab: Lab) -> None:
    async def scenario(section: HeadRankingSection, model: Slow) -> None:
        section.stop.click()
        assert section.notice == STOPPED
        model.leave.release(3)
        section.run.click()
        await until(lambda: ran(section) >= 2)
        section.stop.click()
        assert section.notice == ""
        lab.state.set_trait("off_weights", "textmean")
        assert section.notice == STOPPED
        lab.state.set_trait("off_weights", "zero")
        assert (section.notice, section.result) == (STOPPED, None)

    slowly(lab, scenario)


def test_another_text_takes_its_place(lab: Lab) -> None:
    async def scenario(section: HeadRankingSection, model: Slow) -> None:
        model.leave.release(2)
        await until(lambda: ran(section) == 2)
        lab.runner.show(OTHER)
        model.leave.release(100)
        await until(lambda: not section.busy)
        assert (section.capture, ran(section)) == (OTHER, 12)
        assert sum(tokens == CAPTURE.tokens for tokens, _ in model.run) <= 1 + 3

    slowly(lab, scenario)


def test_out_of_view_it_gives_up_a_text_that_is_not_on_show_any_more(lab: Lab) -> None:
    async def scenario(section: HeadRankingSection, model: Slow) -> None:
        model.leave.release(2)
        await until(lambda: ran(section) == 2)
        lab.browser.visible = ["scaling"]
        assert section.busy, "it goes on"
        lab.runner.show(OTHER)
        assert not section.busy
        model.leave.release(100)
        lab.browser.visible = ["head_ranking"]
        await until(lambda: ran(section) == 12)
        assert section.capture is OTHER
        assert sum(tokens == CAPTURE.tokens for tokens, _ in model.run) <= 1 + 3

    slowly(lab, scenario)


def test_other_parts_do_not_wait_for_it(lab: Lab) -> None:
    async def scenario(section: HeadRankingSection, model: Slow) -> None:
        lab.browser.visible = ["head_ranking", "entropy"]
        await until(lambda: lab.entropy.result is not None)
        assert section.busy

    slowly(lab, scenario)


def test_one_token_has_no_ranking() -> None:
    lab = Lab(capture=random_capture(layers=2, heads=2, tokens=1, width=4))
    lab.laboratory.experiments = Invented()
    assert "run a longer text" in begun(lab, "head_ranking").notice
