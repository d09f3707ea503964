"""What the menus are told: files by name, tables, programs, and everything in one ZIP."""

from __future__ import annotations

import csv
import io
import json
import logging
import re
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest

from core.export.difference_programs import DIFFERENCES
from core.export.programs import PROGRAMS
from core.model.capture import Capture
from tests.captures import random_capture
from tests.exercises import Invented
from tests.widgets.panels import EXPERIMENTS, KINDS
from widgets.downloads.downloads import CHANGED, FAILED, GONE
from widgets.downloads.files import NO_DIFFERENCE
from widgets.experiments.section import effect_of
from widgets.lab import Lab
from widgets.panel.panel import Panel

TWINNED = [kind.name for kind in KINDS if kind.twinned and kind.needs_capture and kind.name in PROGRAMS]
STUDY = "part1 part3 part4 part5a part5b part6 part7a part7b part8 part9".split()


@pytest.fixture
def capture() -> Capture:
    return random_capture(layers=6, heads=4, tokens=8, width=4)


@pytest.fixture
def lab(capture: Capture) -> Lab:
    """A page on which an experiment has been run, with a stand-in for the model."""
    lab = Lab(capture=capture)
    lab.laboratory.experiments = Invented()
    lab.laboratory.begun = True
    return lab


def ask(lab: Lab, monkeypatch: pytest.MonkeyPatch, data: bytes | None = None, **question: Any) -> tuple[Any, Any]:
    """The one answer to a question: its words, and its bytes if there are any."""
    sent: list[tuple[Any, Any]] = []
    with monkeypatch.context() as patch:
        patch.setattr(lab.downloads, "send", lambda words, buffers=None: sent.append((words, buffers)))
        buffers = [] if data is None else [memoryview(data)]
        lab.downloads._handle_custom_msg({**question, "id": "7"}, buffers)
    ((words, answered),) = sent
    assert words.pop("id") == "7"
    return words, answered and answered[0]


def on_screen(lab: Lab, *names: str) -> None:
    for name in names:
        getattr(lab, name).visible = True


def assert_lists_each_chart(lab: Lab, panel: Panel, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """In the charts' order; a chart that is put away is none. Returns what is listed."""
    files = ask(lab, monkeypatch, do="list", part=panel.name)[0]["files"]
    charts = [chart for chart in panel.charts if "lab-away" not in chart.widget._dom_classes]
    drawn = [file for file in files if file["drawn"]]
    assert len(drawn) == len(charts)
    for chart, file in zip(charts, drawn, strict=True):
        assert chart.title.text[0] in ("", file["title"])
    places = [ask(lab, monkeypatch, do="picture", part=panel.name, at=files.index(file))[0]["chart"] for file in drawn]
    assert places == list(range(len(charts)))
    return files


@pytest.mark.parametrize("part", PROGRAMS)
def test_a_part_lists_each_of_its_charts(lab: Lab, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    on_screen(lab, part)
    assert assert_lists_each_chart(lab, getattr(lab, part), monkeypatch)


def test_every_part_with_a_chart_has_a_menu(lab: Lab) -> None:
    for panel in lab.panels:
        panel.visible = True
    assert {panel.name for panel in lab.panels if panel.charts} <= set(lab.downloads.parts)
    assert set(lab.downloads.parts) <= {panel.name for panel in lab.panels}


def test_files_are_named_by_the_settings_of_the_moment(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    on_screen(lab, "attention_maps")
    lab.state.layer, lab.state.head = 3, 2
    where = {"part": "attention_maps", "at": 2}
    assert ask(lab, monkeypatch, do="picture", **where)[0] == {"name": "part7c-attention-layer3-head2", "chart": 2}
    words, data = ask(lab, monkeypatch, do="table", **where)
    assert words == {"name": "part7c-attention-layer3-head2.csv"}
    rows = list(csv.DictReader(io.StringIO(data.decode())))
    weights = lab.attention_maps.result.weights
    assert [float(row["weight"]) for row in rows] == pytest.approx(weights.ravel().tolist())


def test_the_code_has_the_settings_of_the_moment(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    on_screen(lab, "raw_scores")
    lab.state.layer, lab.state.query, lab.state.skip_first = 4, 5, False
    words, _ = ask(lab, monkeypatch, do="code", part="raw_scores")
    assert words["name"] == "part4-layer4.py"
    for line in ("LAYER = 4", "QUERY = 5  # position of the query token", "SKIP_FIRST = False"):
        assert f"\n{line}" in words["code"]
    assert "import torch" in words["code"]
    assert "torch" in words["words"]
    words, _ = ask(lab, monkeypatch, do="code", part="scaling")
    assert words["name"] == "part1.py"
    assert "torch" not in words["code"] + words["words"]


def test_there_is_nothing_to_take_before_a_part_is_drawn(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(lab, monkeypatch, do="list", part="heads")[0] == {"files": []}
    for do in ("table", "picture"):
        assert ask(lab, monkeypatch, do=do, part="heads", at=0) == ({"problem": GONE}, None)
    assert ask(lab, monkeypatch, do="code", part="heads")[0]["name"] == "part3.py"


@pytest.mark.parametrize("part", EXPERIMENTS)
def test_an_experiment_that_has_not_run_has_its_code_alone(
    capture: Capture, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = Lab(capture=capture)
    on_screen(lab, part)
    assert ask(lab, monkeypatch, do="list", part=part)[0] == {"files": []}
    assert ask(lab, monkeypatch, do="table", part=part, at=0) == ({"problem": GONE}, None)
    compile(ask(lab, monkeypatch, do="code", part=part)[0]["code"], part, "exec")
    assert not any(name.startswith(f"{PROGRAMS[part]}-") for name in take_everything(lab, monkeypatch))


@pytest.mark.parametrize("part", [name for name in EXPERIMENTS if name != "two_texts"])  # it changes nothing
def test_an_experiment_has_the_next_tokens_and_the_losses(
    lab: Lab, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_screen(lab, part)
    listed = [file["name"] for file in ask(lab, monkeypatch, do="list", part=part)[0]["files"]]
    effect, tokens = effect_of(getattr(lab, part).result), lab.runner.capture.token_text
    for ending, values in (("next-tokens", effect.after.next_probability), ("losses", effect.after.losses)):
        (at,) = (at for at, name in enumerate(listed) if name.startswith(f"{PROGRAMS[part]}-{ending}"))
        _, rows = rows_of(lab, monkeypatch, part, at)
        if ending == "losses":
            assert [row["text"] for row in rows] == list(tokens[1:])
            assert [float(row["after"]) for row in rows] == pytest.approx(values.tolist())
        else:
            assert [float(row["probability"]) for row in rows][-len(values) :] == pytest.approx(values.tolist())


def test_a_mistake_is_a_sentence_and_a_line_in_the_log(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        assert ask(lab, monkeypatch, do="dance") == ({"problem": FAILED}, None)
    assert "dance" in caplog.text


def take_everything(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """As the page does it: the files of the ZIP, by name."""
    ask(lab, monkeypatch, do="begin")
    for part in lab.downloads.parts:
        answer = ask(lab, monkeypatch, do="draw", part=part)[0]
        assert answer["ready"]
        for picture in {file["picture"] for file in answer["files"] if file["drawn"]}:
            for kind in ("png", "svg"):
                ask(lab, monkeypatch, f"{picture} as {kind}".encode(), do="keep", name=f"{picture}.{kind}")
    words, data = ask(lab, monkeypatch, do="zip", parts=lab.downloads.parts)
    ask(lab, monkeypatch, do="end")
    assert words == {"name": "attention-scores-lab.zip"}
    with ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name.removeprefix("attention-scores-lab/"): archive.read(name) for name in archive.namelist()}


def test_everything_has_the_studys_pictures_numbers_and_programs(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.browser.visible = ["heads"]
    files = take_everything(lab, monkeypatch)
    assert {f"{name}.{kind}" for name in STUDY for kind in ("png", "svg")} <= set(files)
    assert files["part5a.svg"] == b"part5a as svg"
    assert {f"{name}.py" for name in PROGRAMS.values()} <= set(files)
    tables = [name for name in files if name.endswith(".csv")]
    assert {"part2.csv", "part5a-within.csv", "part9-scatter.csv"} <= set(tables)
    assert all(len(list(csv.reader(io.StringIO(files[name].decode())))) > 1 for name in tables)
    assert json.loads(files["settings.json"])["view"]["layer"] == lab.state.layer
    assert [panel.name for panel in lab.panels if panel.visible] == ["heads"], "as the page has it"
    assert lab.downloads._kept == {}


def test_a_text_too_short_for_some_parts_gives_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    files = take_everything(Lab(capture=random_capture(layers=3, heads=2, tokens=2, width=4)), monkeypatch)
    assert not any(name.startswith(("part4.", "part4-", "part5")) for name in files if not name.endswith(".py"))
    assert {"part6.png", "part7b.csv"} <= set(files)


def test_a_setting_that_changes_meanwhile_is_noticed(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(lab, monkeypatch, do="begin")
    lab.state.layer += 1
    assert ask(lab, monkeypatch, do="zip", parts=[]) == ({"problem": CHANGED}, None)


def compare(lab: Lab, *parts: str) -> dict[str, Any]:
    """Pin, and bring the parts' twins and differences on screen: all that is there by name."""
    lab.browser.visible = list(parts)
    lab.state.difference = True
    lab.pin()
    lab.browser.visible = [part + ending for part in parts for ending in ("", "_pinned", "_difference")]
    return {panel.name: panel for panel in lab.comparison.panels}


def rows_of(lab: Lab, monkeypatch: pytest.MonkeyPatch, part: str, at: int) -> tuple[str, list[dict[str, str]]]:
    """A table's file: its name, and its rows."""
    words, data = ask(lab, monkeypatch, do="table", part=part, at=at)
    return words["name"], list(csv.DictReader(io.StringIO(data.decode())))


def run_other(lab: Lab, **shape: int) -> None:
    """Another text or model as B."""
    lab.runner.show(random_capture(**{"layers": 6, "heads": 4, "tokens": 8, "width": 4, "seed": 1} | shape))


@pytest.mark.parametrize("part", TWINNED)
def test_the_twin_of_a_part_has_the_files_of_a(lab: Lab, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.state.layer, lab.state.head, lab.state.query = 2, 1, 6
    twin = compare(lab, part)[f"{part}_pinned"]
    run_other(lab)
    lab.state.layer, lab.state.head, lab.state.query = 4, 3, 5
    assert lab.downloads in twin.widget.children
    for file in assert_lists_each_chart(lab, twin, monkeypatch):
        assert file["name"].endswith(
            "-A"
            + "".join(f"-{name}{value}" for name, value in (("layer", 2), ("head", 1)) if hasattr(twin.result, name))
        )
    program = ask(lab, monkeypatch, do="code", part=f"{part}_pinned")[0]
    assert program["name"].startswith(f"{PROGRAMS[part]}-A")
    compile(program["code"], part, "exec")
    told = dict(re.findall(r"^([A-Z_]+) = (\S+)", program["code"], re.MULTILINE))
    for name, value in (("LAYER", "2"), ("HEAD", "1"), ("QUERY", "6")):
        assert told.get(name, value) == value


def test_the_numbers_of_a_are_as_they_were(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.state.layer, lab.state.head = 2, 1
    compare(lab, "attention_maps")
    weights = lab.attention_maps.result.weights
    run_other(lab)
    lab.state.layer = 4
    name, rows = rows_of(lab, monkeypatch, "attention_maps_pinned", 2)
    assert name == "part7c-attention-A-layer2-head1.csv"
    assert [float(row["weight"]) for row in rows] == pytest.approx(weights.ravel().tolist())
    name, rows = rows_of(lab, monkeypatch, "attention_maps", 2)
    assert name == "part7c-attention-layer4-head1.csv"
    assert [float(row["weight"]) for row in rows] != pytest.approx(weights.ravel().tolist())


@pytest.mark.parametrize("part", DIFFERENCES)
def test_a_difference_has_files_and_a_program(lab: Lab, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.state.layer = 2
    difference = compare(lab, part)[f"{part}_difference"]
    assert ask(lab, monkeypatch, do="code", part=difference.name) == ({"problem": NO_DIFFERENCE}, None)
    assert ask(lab, monkeypatch, do="list", part=difference.name)[0] == {"files": []}
    run_other(lab)
    lab.state.layer = 4
    assert lab.downloads in difference.widget.children
    files = assert_lists_each_chart(lab, difference, monkeypatch)
    for at, file in enumerate(files):
        assert file["name"].partition("-A")[0].endswith("difference")
        name, rows = rows_of(lab, monkeypatch, difference.name, at)
        assert name == f"{file['name']}.csv"
        for row in rows:
            if "a" in row and "difference" in row:
                assert float(row["difference"]) == pytest.approx(float(row["b"]) - float(row["a"]), abs=1e-6)
    program = ask(lab, monkeypatch, do="code", part=difference.name)[0]
    assert program["name"].startswith(DIFFERENCES[part])
    compile(program["code"], part, "exec")
    if "    LAYER=" in program["code"]:
        assert program["name"].split("-A-")[1].startswith("layer2")
        assert program["code"].index("LAYER=2,") < program["code"].index("LAYER=4,")


def test_the_numbers_of_a_difference_are_those_of_its_chart(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    difference = compare(lab, "attention_maps")["attention_maps_difference"]
    before = lab.attention_maps.result.raw
    lab.state.head = 3
    name, rows = rows_of(lab, monkeypatch, "attention_maps_difference", 0)
    assert name == "part7c-raw-difference-A-layer1-head0-B-layer1-head3.csv"
    assert [row["key_text"] for row in rows[:8]] == list(lab.runner.capture.token_text)
    got = np.array([float(row["difference"]) for row in rows]).reshape(8, 8)
    np.testing.assert_allclose(got, lab.attention_maps.result.raw - before, rtol=1e-5)
    np.testing.assert_allclose(got, difference.result.raw, rtol=1e-5)


def test_models_with_other_layers_have_the_difference_of_the_means_alone(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    difference = compare(lab, "raw_scores_by_layer")["raw_scores_by_layer_difference"]
    run_other(lab, layers=3)
    assert [file["name"] for file in assert_lists_each_chart(lab, difference, monkeypatch)] == ["part5b-difference"]


def test_what_is_not_pinned_any_more_is_gone(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    compare(lab, "heads")
    lab.unpin()
    assert ask(lab, monkeypatch, do="list", part="heads_pinned") == ({"problem": GONE}, None)
    assert ask(lab, monkeypatch, do="list", part="heads")[0]["files"]


def test_everything_is_of_what_is_live(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    compare(lab, "heads")
    assert not any(re.search(r"-(A|difference)\b", name) for name in take_everything(lab, monkeypatch))
