"""The exercises behind the page: what is sent, what is judged, and what counts as done."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.model.catalogue import ModelUnavailable
from core.model.default_capture import default_capture
from core.model.experiments import Experiments
from tests.captures import random_capture
from tests.exercises import DEFAULTS, EXERCISES, EXPERIMENTS, TASKS, Invented, settings
from tests.widgets.panels import weighed
from widgets.exercises.settings import settings_of
from widgets.exercises.workbook import RUN_FIRST
from widgets.lab import Lab

NONSENSE: list[dict[str, Any]] = [
    {},
    {"do": "unfold"},
    {"do": "unfold", "part": 0},
    {"do": "unfold", "part": "4"},
    {"do": "unfold", "part": [4]},
    {"do": "unfold", "part": 10**9},
    {"do": "turn", "part": 4, "to": -1},
    {"do": "turn", "part": 4, "to": 99},
    {"do": "turn", "part": 4, "to": "1"},
    {"do": "check", "part": 4},
    {"do": "check", "part": 4, "answer": 7},
    {"do": "<img>", "part": 4},
]


@pytest.fixture
def lab() -> Lab:
    return Lab(capture=default_capture())


def do(lab: Lab, part: Any, what: str, **more: Any) -> None:
    """What the page sends."""
    lab.exercises._handle_custom_msg({"do": what, "part": part, **more}, [])


def gap(lab: Lab, part: int) -> dict[str, Any]:
    """What the page shows of a part's gaps."""
    return lab.exercises.gaps[str(part)]


def test_settings_are_the_state_s_by_name_and_default(lab: Lab) -> None:
    lab.state.layer, lab.state.causal = 5, True
    assert settings_of(lab.state) == settings(layer=5, causal=True, query=lab.state.query)


def test_nothing_is_made_or_sent_before_a_learner_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    program = (
        "import sys; from widgets.lab import Lab; lab = Lab(); lab.browser.visible = ['softmax']; lab.state.layer = 1; "
        "print(*sys.modules); do = lambda **what: lab.exercises._handle_custom_msg({'part': 7, **what}, []); "
        "do(do='unfold'); print('torch' in sys.modules); do(do='check', answer='1'); print('torch' in sys.modules)"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, check=True, capture_output=True, text=True)
    begun, shown, checked = done.stdout.splitlines()
    assert "core.parts.softmax.numbers" in begun
    assert not {"core.exercises.gap", "core.expressions", "core.parts.softmax.tasks", "torch"} & set(begun.split())
    assert (shown, checked) == ("False", "True"), "torch is 120 MB of a learner's memory"
    lab = Lab(capture=default_capture())
    assert (lab.exercises.counts, lab.exercises.gaps, lab.exercises.tasks, lab.exercises.answers) == ({}, {}, {}, "")


def test_unfolded_it_shows_the_first_gap_of_that_part_alone(lab: Lab) -> None:
    do(lab, 4, "unfold")
    assert lab.exercises.counts == {str(part): [0, len(of.ids)] for part, of in EXERCISES.items()}
    assert list(lab.exercises.gaps) == list(lab.exercises.tasks) == ["4"]
    first = EXERCISES[4].gaps[0]
    shown = gap(lab, 4)
    assert (shown["task"], shown["before"] + "____" + shown["after"]) == (first.task, first.line)
    assert [name for name, _ in shown["given"]] == first.given.split()
    assert (shown["solution"], shown["hints"], shown["reason"]) == ("", (), "")
    assert first.solution not in json.dumps(shown)
    do(lab, 4, "fold")
    assert lab.exercises.gaps == lab.exercises.tasks == {}


def test_a_wrong_answer_is_told_so_and_a_right_one_is_done(lab: Lab) -> None:
    do(lab, 3, "unfold")
    do(lab, 3, "turn", to=1)
    do(lab, 3, "check", answer="config.n_embd / config.n_head")
    assert not gap(lab, 3)["correct"]
    assert "float" in gap(lab, 3)["feedback"]
    assert lab.state.progress == ""
    do(lab, 3, "check", answer="config.n_embd // config.n_head")
    assert gap(lab, 3)["feedback"].startswith("Right.")
    assert lab.state.progress == "3.width"
    assert lab.exercises.counts["3"][0] == 1
    assert gap(lab, 3)["done"] == [at == 1 for at in range(len(EXERCISES[3].gaps))]
    do(lab, 3, "check", answer="3")
    assert lab.state.progress == "3.width", "what is done stays done"


def test_help_comes_step_by_step_and_the_solution_after_a_try(lab: Lab) -> None:
    do(lab, 1, "unfold")
    one = EXERCISES[1].gaps[0]
    steps = []
    for message in ({"do": "help"}, {"do": "help"}, {"do": "help"}, {"do": "check", "answer": "A"}, {"do": "help"}):
        lab.exercises._handle_custom_msg({"part": 1, **message}, [])
        steps.append((gap(lab, 1)["more"], gap(lab, 1)["solution"]))
    assert steps == [(1, ""), (0, ""), (0, ""), (0, ""), (0, one.solution)]
    assert gap(lab, 1)["reason"] == one.reason
    assert lab.state.progress == "", "seeing the solution is not solving"


def test_nonsense_from_the_page_is_left_alone(lab: Lab) -> None:
    do(lab, 4, "unfold")
    before = dict(lab.exercises.gaps)
    for message in NONSENSE:
        lab.exercises._handle_custom_msg(message, [])
        assert lab.exercises.gaps == before, message
    assert lab.state.progress == ""


def test_a_link_brings_what_is_done_and_nonsense_in_it_goes(lab: Lab) -> None:
    lab.state.progress = "1.product.root.nonsense~4.apart~<script>"
    assert lab.state.progress == "1.product.root~4.apart"
    assert lab.exercises.counts["1"][0] == 2
    do(lab, 1, "unfold")
    assert gap(lab, 1)["done"][:3] == [True, True, False]
    assert "(done before)" in lab.exercises.answers


@pytest.mark.parametrize("task", TASKS.values(), ids=lambda task: task.id)
def test_a_task_is_done_when_the_state_is_reached(lab: Lab, task: Any) -> None:
    part = int(task.id.partition("-")[0])
    lab.laboratory.begun = task.runs_model
    do(lab, part, "unfold")
    place = EXERCISES[part].tasks.index(task)
    assert lab.state.progress == ""
    assert lab.exercises.tasks[str(part)][place]["stands"]
    found = task.reach(lab.runner.capture, task.survey(lab.runner.capture, EXPERIMENTS))
    for name in task.follows:
        setattr(lab.state, name, found.get(name, DEFAULTS[name]))
    told = lab.exercises.tasks[str(part)][place]
    assert told["done"]
    assert task.id.partition("-")[2] in lab.state.progress
    assert told["stands"] in lab.exercises.answers


def test_a_task_that_this_model_cannot_do_says_so() -> None:
    lab = Lab(capture=random_capture(layers=2, heads=2, tokens=12, width=4))
    do(lab, 7, "unfold")
    told = lab.exercises.tasks["7"][0]
    assert told["stands"] == TASKS["7-previous"].impossible
    lab.runner.show(default_capture())
    assert told["stands"] != lab.exercises.tasks["7"][0]["stands"], "another model can"


def test_folded_tasks_cost_nothing_when_the_state_moves(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    do(lab, 7, "unfold")
    do(lab, 7, "fold")
    monkeypatch.setattr(type(TASKS["7-previous"]), "judge", lambda *_: pytest.fail("judged"))
    with weighed(monkeypatch) as sent:
        lab.state.head = 3
    assert sum(sent) < 1000


def test_an_unfolded_part_sends_little_when_the_state_moves(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    do(lab, 9, "unfold")
    with weighed(monkeypatch) as sent:
        lab.state.list_length = 9
    assert sum(sent) < 3000


def test_an_error_in_a_task_is_a_sentence_and_stays_from_the_setter(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    do(lab, 7, "unfold")
    monkeypatch.setattr(type(TASKS["7-previous"]), "judge", lambda *_: 1 / 0)
    lab.state.head = 3
    assert "could not be judged" in lab.exercises.tasks["7"][0]["stands"]
    assert "7-previous" in caplog.text


def test_surveys_run_off_the_loop_and_then_judge(lab: Lab) -> None:
    async def scenario() -> list[str]:
        do(lab, 8, "unfold")
        told = [lab.exercises.tasks["8"][0]["stands"]]
        while not lab.exercises.tasks["8"][0]["stands"]:
            await asyncio.sleep(0.01)
        return [*told, lab.exercises.tasks["8"][0]["stands"]]

    before, after = asyncio.run(asyncio.wait_for(scenario(), 20))
    assert before == ""
    assert after.startswith("Layer ")


def test_a_task_that_asks_the_model_waits_until_somebody_runs_an_experiment(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(Experiments, "says", lambda *question: asked.append(question) or Invented().says(*question[1:]))
    do(lab, 7, "unfold")
    assert (asked, lab.exercises.tasks["7"][1]["stands"]) == ([], RUN_FIRST)
    lab.laboratory.begun = True
    assert len(asked) == 1
    assert lab.exercises.tasks["7"][1]["stands"] == "The experiment is not set to this in the chosen layer."


def test_a_task_says_why_the_model_cannot_be_asked(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: Any) -> Any:
        raise ModelUnavailable("The model is gone.")

    monkeypatch.setattr(Experiments, "says", gone)
    lab.laboratory.begun = True
    do(lab, 7, "unfold")
    assert lab.exercises.tasks["7"][1]["stands"] == "The model is gone."
