"""Running texts: what is asked for comes on show, what cannot be had leaves the old on show and says why."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core.attention.intervention import BadIntervention, Change, Intervention
from core.model import resident
from core.model.capture import Capture, NoText
from core.model.catalogue import ModelUnavailable
from core.model.texts import SAMPLES
from tests.captures import random_capture
from widgets import runner as module
from widgets.runner import Runner
from widgets.state import ViewState

FIRST = random_capture(layers=6, heads=4, tokens=8, width=4)


def captured(name: str, text: str) -> Capture:
    """Two layers of two heads, a token a word."""
    made = random_capture(layers=2, heads=2, tokens=len(text.split()), width=4)
    return replace(made, text=text, model=replace(made.model, name=name))


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stands in for the models; the names of those that were loaded."""
    names: list[str] = []

    def load(name: str, progress: Callable[[float], None]) -> Any:
        names.append(name)
        progress(0.5)
        if name == "unknown":
            raise ModelUnavailable("There is no such model: choose another.")
        return SimpleNamespace(facts=SimpleNamespace(name=name))

    def capture(loaded: Any, text: str, intervention: Intervention) -> Capture:
        if text == "crash":
            raise RuntimeError("inner secret")
        if intervention and intervention[0].layers == (9,):
            raise BadIntervention("There is no layer 9: the last one is 1.")
        return replace(captured(loaded.facts.name, text), intervention=intervention)

    monkeypatch.setattr(resident, "load", load)
    monkeypatch.setattr(module, "capture", capture)
    return names


@pytest.fixture
def runner(loads: list[str]) -> Runner:
    runner = Runner(ViewState())
    runner.show(FIRST)
    return runner


def test_what_comes_on_show_sets_the_state_and_runs_nothing(runner: Runner, loads: list[str]) -> None:
    state = runner.state
    assert (state.text, state.model, state.layer_count, runner.shown) == (FIRST.text, "random", 6, 1)
    assert loads == []


def test_a_new_text_comes_on_show_and_the_state_fits_it(runner: Runner) -> None:
    runner.state.layer = 5
    runner.state.text = "one two three"
    assert runner.capture is not None
    assert (runner.capture.text, runner.shown, runner.busy, runner.message) == ("one two three", 2, False, "")
    assert (runner.state.layer, runner.state.token_count) == (1, 3)


def test_a_model_is_loaded_once(runner: Runner, loads: list[str]) -> None:
    for text in ("one", "two", "three"):
        runner.state.text = text
    runner.state.model = "other"
    runner.state.model = "random"
    assert loads == ["random", "other", "random"]


def test_text_and_model_together_are_one_run(runner: Runner) -> None:
    with runner.state.hold_trait_notifications():
        runner.state.text, runner.state.model = "one two", "other"
    assert runner.capture is not None
    assert (runner.capture.text, runner.capture.model.name, runner.shown) == ("one two", "other", 2)


def test_the_same_again_runs_nothing(runner: Runner, loads: list[str]) -> None:
    runner.run()
    assert (loads, runner.shown) == ([], 1)


@pytest.mark.parametrize("blank", ["", " \n\t"])
def test_no_text_asks_for_one_and_loads_no_model(runner: Runner, loads: list[str], blank: str) -> None:
    runner.state.text = blank
    assert "type a few words" in runner.message
    assert (runner.capture, loads, runner.busy) == (FIRST, [], False)


def test_a_model_that_cannot_be_had_leaves_the_old_one_chosen(runner: Runner) -> None:
    runner.state.model = "unknown"
    assert runner.message == "There is no such model: choose another."
    assert (runner.capture, runner.state.model, runner.busy) == (FIRST, "random", False)


def test_the_text_asked_for_with_it_is_run_on_the_old_one(runner: Runner) -> None:
    async def scenario() -> None:
        with runner.state.hold_trait_notifications():
            runner.state.text, runner.state.model = "one two", "unknown"
        while runner.shown < 2:
            await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(scenario(), 20))
    assert runner.capture is not None
    assert (runner.capture.text, runner.capture.model.name) == ("one two", "random")
    assert runner.message == "There is no such model: choose another."


def test_a_crash_is_one_sentence_and_can_be_tried_again(
    runner: Runner, loads: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    runner.state.text = "crash"
    assert runner.message == module.FAILED.format(model="random")
    assert "inner secret" in caplog.text
    assert runner.state.text == "crash"
    caplog.clear()
    runner.run()
    assert "inner secret" in caplog.text


def test_a_success_takes_the_message_away(runner: Runner) -> None:
    runner.state.text = ""
    runner.state.text = "one"
    assert runner.message == ""


def test_the_newest_request_wins_and_meanwhile_the_old_capture_stays(
    runner: Runner, loads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, started = threading.Event(), threading.Event()
    shown: list[str] = []

    def capture(loaded: Any, text: str, _: Intervention) -> Capture:
        started.set()
        gate.wait(10)
        if text == "":
            raise NoText
        return captured("random", text)

    monkeypatch.setattr(module, "capture", capture)

    async def scenario() -> None:
        runner.observe(lambda _: shown.append(runner.capture.text), "shown")
        runner.state.text = "slow one"
        await asyncio.to_thread(started.wait, 10)
        assert runner.busy
        assert runner.capture is FIRST
        runner.state.text = "dropped"
        runner.state.text = "last"
        gate.set()
        while runner.busy:
            await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(scenario(), 20))
    assert shown == ["last"]


def test_going_back_to_what_is_on_show_drops_the_run(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()
    monkeypatch.setattr(module, "capture", lambda loaded, text, _: gate.wait(10) and captured("random", text))

    async def scenario() -> None:
        runner.state.text = "slow one"
        runner.state.text = FIRST.text
        assert not runner.busy
        gate.set()
        await asyncio.sleep(0.1)

    asyncio.run(asyncio.wait_for(scenario(), 20))
    assert (runner.capture, runner.shown) == (FIRST, 1)


def test_progress_rises_to_the_end_of_the_loading(runner: Runner) -> None:
    seen: list[float] = []
    runner.observe(lambda change: seen.append(change.new), "progress")
    runner.state.model = "other"
    assert seen == [0.45, 0.9]


SAMPLE = SAMPLES[1].text


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of stored captures of this test: not there yet."""
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "captures"))
    for one in (module, resident):
        monkeypatch.setattr(one, "model_key", lambda name: f"the files of {name}")
    return tmp_path / "captures"


@pytest.mark.parametrize("text", [SAMPLE, "the notebook's own"])
def test_what_another_kernel_has_run_of_a_public_text_needs_no_model(
    loads: list[str], cache: Path, text: str
) -> None:
    for count in (1, 2):
        runner = Runner(ViewState(), notebooks_text="the notebook's own")
        runner.show(FIRST)
        runner.state.text = text
        assert runner.capture is not None
        assert (runner.capture.text, runner.shown, loads) == (text, 2, ["random"])
        assert len(list(cache.iterdir())) == 1, count


def test_what_a_learner_types_is_kept_nowhere(loads: list[str], cache: Path) -> None:
    runner = Runner(ViewState(), notebooks_text="the notebook's own")
    runner.show(FIRST)
    runner.state.text = "Dear diary, nobody knows"
    runner.state.text = SAMPLE + " Dear diary"
    assert runner.capture is not None
    assert runner.capture.text == SAMPLE + " Dear diary"
    assert not cache.exists()


def test_a_model_whose_files_have_changed_is_loaded_again(
    runner: Runner, loads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = "old"
    for one in (module, resident):
        monkeypatch.setattr(one, "model_key", lambda name: files)
    for text in ("first words", "second words"):
        runner.state.text = text
    assert loads == ["random"]
    runner.run()
    assert loads == ["random"], "the same text on the same files is on show"
    files, shown = "new", runner.shown
    runner.run()
    assert (loads, runner.shown) == (["random", "random"], shown + 1)
    runner.run()
    assert (loads, runner.shown) == (["random", "random"], shown + 1)


def test_an_experiment_runs_the_text_on_show_and_is_kept_nowhere(
    runner: Runner, loads: list[str], cache: Path
) -> None:
    runner.state.text = SAMPLE
    runner.state.experiment = "divide-1~layers-1"
    assert runner.capture is not None
    assert (runner.capture.text, runner.capture.intervention) == (SAMPLE, (Change(divide=1.0, layers=(1,)),))
    assert len(list(cache.iterdir())) == 1
    runner.state.experiment = ""
    assert runner.capture.intervention == ()
    assert loads == ["random"]


def test_an_experiment_that_does_not_fit_is_said_and_left_out(runner: Runner) -> None:
    runner.state.text = "some other words"
    runner.state.experiment = "mask-none~layers-9"
    assert runner.capture is not None
    assert (runner.capture.text, runner.capture.intervention) == ("some other words", ())
    assert runner.message == "There is no layer 9: the last one is 1. The experiment is left out."
    assert not runner.busy
