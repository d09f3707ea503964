"""Tasks: judged as plain loops judge, reachable, and not done by opening the lab."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from core.attention.intervention import read
from core.exercises.task import Task
from core.model.capture import Capture
from core.model.default_capture import default_capture
from core.parts.settings import default_layer
from tests.captures import random_capture
from tests.exercises import DEFAULTS, EXERCISES, EXPERIMENTS, TASKS, Invented, changed, settings
from tests.parity import assert_close
from tests.reference import head_slice, softmax_of

ALL = pytest.mark.parametrize("task", TASKS.values(), ids=lambda task: task.id)
WITH_ONE_WORD = replace(
    random_capture(layers=6, heads=4, tokens=9, width=8), token_text=tuple("␣a b ing ␣c d ␣e f . g".split())
)


def opening(capture: Capture) -> SimpleNamespace:
    return settings(layer=default_layer(capture.layers), query=capture.tokens - 1)


def weights(capture: Capture, layer: int, head: int) -> list[list[float]]:
    query, key = (
        head_slice(array[layer], head, capture.head_width).tolist() for array in (capture.query, capture.key)
    )
    scores = [[sum(a * b for a, b in zip(q, k, strict=True)) for k in key[: at + 1]] for at, q in enumerate(query)]
    return [softmax_of([score / capture.head_width**0.5 for score in row]) for row in scores]


def test_every_part_has_a_task_of_its_own_name():
    assert len(TASKS) == sum(len(of.tasks) for of in EXERCISES.values()), "ids are unique"
    for part, of in EXERCISES.items():
        assert of.tasks
        assert {task.id.partition("-")[0] for task in of.tasks} == {str(part)}
    for name, task in TASKS.items():
        assert name == task.id
        assert set(task.follows) <= set(DEFAULTS.keys())
        assert task.words[-1] == task.impossible[-1] == "."


@ALL
def test_is_done_by_its_own_state_and_not_by_opening_the_lab(task: Task):
    capture = default_capture()
    survey = task.survey(capture, EXPERIMENTS)
    assert not task.judge(capture, opening(capture), survey).met
    found = task.reach(capture, survey)
    assert found is not None
    judged = task.judge(capture, settings(**found), survey)
    assert judged.met is True
    assert judged.stands[-1] == "."


@ALL
def test_is_judged_by_nothing_but_what_it_follows(task: Task):
    capture = default_capture()
    survey = task.survey(capture, EXPERIMENTS)
    start, found = opening(capture), task.reach(capture, survey)
    followed = changed(start, **{name: found[name] for name in task.follows if name in found})
    assert task.judge(capture, followed, survey) == task.judge(capture, settings(**found), survey)


@ALL
@pytest.mark.parametrize("tokens", [1, 2, 3])
@pytest.mark.parametrize("heads", [1, 2])
def test_says_how_things_stand_or_that_it_cannot_be_done_for_the_shortest_texts(task: Task, heads: int, tokens: int):
    capture = random_capture(layers=2, heads=heads, tokens=tokens, width=4)
    survey = task.survey(capture, Invented())
    found = task.reach(capture, survey)
    if found is not None:
        assert task.judge(capture, settings(**found), survey).met
        for layer in range(2):
            assert task.judge(capture, settings(layer=layer, query=tokens - 1), survey).stands


def test_a_model_without_a_head_for_the_token_before_says_so():
    task, capture = TASKS["7-previous"], random_capture(layers=2, heads=2, tokens=12, width=4)
    assert task.reach(capture, task.survey(capture, EXPERIMENTS)) is None


def test_the_token_before_as_plain_loops_see_it():
    task, capture = TASKS["7-previous"], random_capture(layers=2, heads=2, tokens=12, width=4)
    survey = task.survey(capture, EXPERIMENTS)
    for layer, head in np.ndindex(2, 2):
        rows = weights(capture, layer, head)
        assert survey[layer, head].tolist() == [row.index(max(row)) == at - 1 for at, row in enumerate(rows)]


def test_the_token_before_asks_for_a_click_on_a_cell_that_shows_it():
    capture = default_capture()
    task = TASKS["7-previous"]
    survey = task.survey(capture, EXPERIMENTS)
    found = task.reach(capture, survey)
    beside = task.judge(capture, settings(**(found | {"key": found["query"]})), survey)
    assert not beside.met
    assert "click" in beside.stands


def test_attention_to_itself_as_plain_loops_see_it():
    task, capture = TASKS["8-self"], random_capture(layers=3, heads=2, tokens=7, width=4, spread=2)
    means = {
        (layer, head): np.mean([row[-1] for row in weights(capture, layer, head)[1:]])
        for layer, head in np.ndindex(3, 2)
    }
    found = task.reach(capture, task.survey(capture, EXPERIMENTS))
    assert (found["layer"], found["head"]) == max(means, key=means.get)


def test_scores_of_layers_as_plain_loops_see_them():
    capture = random_capture(layers=5, heads=3, tokens=6, width=4, shift=0.3)
    within, across, masked = [], [], []
    for layer in range(5):
        query, key = (
            [head_slice(array[layer], head, 4) for head in range(3)] for array in (capture.query, capture.key)
        )
        pairs = [(q, k) for q in range(3) for k in range(3)]
        scores = {(q, k): [float(query[q][5] @ key[k][at]) / 2 for at in range(5)] for q, k in pairs}
        within.append([score for q, k in pairs if q == k for score in scores[q, k]])
        across.append([score for q, k in pairs if q != k for score in scores[q, k]])
        cells = [(i, j) for i in range(6) for j in range(i + 1)]
        masked.append(np.mean([query[h][i] @ key[h][j] / 2 for h in range(3) for i, j in cells]))
    apart = [abs(np.mean(same) - np.mean(other)) for same, other in zip(within, across, strict=True)]
    spread = [np.std([score for at, score in enumerate(same) if at % 5]) for same in within]
    for name, values in (("4-apart", apart), ("5-widest", spread), ("6-negative", masked)):
        assert_close(TASKS[name].survey(capture, EXPERIMENTS), np.array(values))
    found = TASKS["6-negative"].reach(capture, np.array(masked))
    assert found["layer"] == int(np.argmin(masked))


@pytest.mark.parametrize(("query", "goes_on"), [(0, False), (1, True), (2, True), (3, False), (7, False), (8, False)])
def test_which_tokens_go_on_with_a_word(query: int, goes_on: bool):
    task = TASKS["2-piece"]
    judged = task.judge(WITH_ONE_WORD, settings(query=query), task.survey(WITH_ONE_WORD, EXPERIMENTS))
    assert judged.met is goes_on


@pytest.mark.parametrize(
    ("name", "chosen", "met"),
    [
        ("1-even", settings(size=49, sigma=0.2), False),
        ("1-even", settings(size=64, sigma=1.0), False),
        ("1-even", settings(size=64, sigma=0.2), True),
        ("9-disagree", settings(list_length=4, cut=2), False),
        ("9-disagree", settings(list_length=5, cut=1), True),
        ("9-agree", settings(list_length=4, cut=2), False),
        ("9-agree", settings(list_length=6, cut=2), False),
        ("9-agree", settings(list_length=6, cut=3), True),
    ],
)
def test_arithmetic_tasks(name: str, chosen: SimpleNamespace, met: bool):
    assert TASKS[name].judge(WITH_ONE_WORD, chosen, None).met is met


@pytest.mark.parametrize(
    ("name", "change", "elsewhere"),
    [
        ("4-alone", "mask-onlyfirst", [{"first_look": "nofirst"}, {"first_layers": "all"}]),
        ("6-divisor", "divide-1", [{"divisor": "rootwidth"}, {"scale_layers": "all"}]),
        ("7-needed", "mask-nofirst", [{"mask_kind": "none"}, {"mask_layers": "all"}]),
        ("9-averaged", "weights-headmean", [{"average_layers": "all"}]),
    ],
)
def test_the_layer_in_which_a_change_costs_most_is_asked_of_the_model(
    name: str, change: str, elsewhere: list[dict[str, str]]
):
    task, capture, experiments = TASKS[name], random_capture(layers=5, heads=2, tokens=9, width=4), Invented()
    survey = task.survey(capture, experiments)
    [before] = experiments.says(capture, [()])
    for layer in range(5):
        [after] = experiments.says(capture, [read(f"{change}~layers-{layer}")])
        assert survey[layer] == pytest.approx(after.losses.mean() - before.losses.mean())
    found = task.reach(capture, survey)
    assert survey[found["layer"]] == max(survey)
    assert task.judge(capture, settings(**found), survey).met
    for beside in (*elsewhere, {"layer": (found["layer"] + 1) % 5}):
        assert not task.judge(capture, settings(**(found | beside)), survey).met
