"""What the menus are told: files by name, tables, programs, and everything in one ZIP."""

from __future__ import annotations

import csv
import io
import json
import logging
from typing import Any
from zipfile import ZipFile

import pytest

from core.capture import Capture
from core.scripts import PROGRAMS
from tests.captures import random_capture
from widgets.lab import Lab
from widgets.takeaway.takeaway import CHANGED, FAILED, GONE

STUDY = "part1 part3 part4 part5a part5b part6 part7a part7b part8 part9".split()


@pytest.fixture
def capture() -> Capture:
    return random_capture(layers=6, heads=4, tokens=8, width=4)


@pytest.fixture
def lab(capture: Capture) -> Lab:
    return Lab(capture=capture)


def ask(lab: Lab, monkeypatch: pytest.MonkeyPatch, data: bytes | None = None, **question: Any) -> tuple[Any, Any]:
    """The one answer to a question: its words, and its bytes if there are any."""
    sent: list[tuple[Any, Any]] = []
    with monkeypatch.context() as patch:
        patch.setattr(lab.takeaway, "send", lambda words, buffers=None: sent.append((words, buffers)))
        buffers = [] if data is None else [memoryview(data)]
        lab.takeaway._handle_custom_msg({**question, "id": "7"}, buffers)
    ((words, answered),) = sent
    assert words.pop("id") == "7"
    return words, answered and answered[0]


def on_screen(lab: Lab, *names: str) -> None:
    for name in names:
        getattr(lab, name).visible = True


@pytest.mark.parametrize("part", PROGRAMS)
def test_a_part_lists_each_of_its_charts(lab: Lab, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    on_screen(lab, part)
    files = ask(lab, monkeypatch, do="list", part=part)[0]["files"]
    charts = getattr(lab, part)._charts
    drawn = [file for file in files if file["drawn"]]
    assert len(drawn) == len(charts)
    for chart, file in zip(charts, drawn, strict=True):
        assert chart.title.text[0] in ("", file["title"])
    assert [ask(lab, monkeypatch, do="picture", part=part, at=files.index(file))[0]["chart"] for file in drawn] == list(
        range(len(charts))
    )


def test_every_part_with_a_chart_has_a_menu(lab: Lab) -> None:
    for panel in lab.panels:
        panel.visible = True
    assert {panel.name for panel in lab.panels if panel._charts} <= set(lab.takeaway.parts)
    assert set(lab.takeaway.parts) <= {panel.name for panel in lab.panels}


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


def test_a_mistake_is_a_sentence_and_a_line_in_the_log(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        assert ask(lab, monkeypatch, do="dance") == ({"problem": FAILED}, None)
    assert "dance" in caplog.text


def take_everything(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """As the page does it: the files of the ZIP, by name."""
    ask(lab, monkeypatch, do="begin")
    for part in lab.takeaway.parts:
        answer = ask(lab, monkeypatch, do="draw", part=part)[0]
        assert answer["ready"]
        for picture in {file["picture"] for file in answer["files"] if file["drawn"]}:
            for kind in ("png", "svg"):
                ask(lab, monkeypatch, f"{picture} as {kind}".encode(), do="keep", name=f"{picture}.{kind}")
    words, data = ask(lab, monkeypatch, do="zip", parts=lab.takeaway.parts)
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
    assert lab.takeaway._kept == {}


def test_a_text_too_short_for_some_parts_gives_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    files = take_everything(Lab(capture=random_capture(layers=3, heads=2, tokens=2, width=4)), monkeypatch)
    assert not any(name.startswith(("part4", "part5")) for name in files if not name.endswith(".py"))
    assert {"part6.png", "part7b.csv"} <= set(files)


def test_a_setting_that_changes_meanwhile_is_noticed(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(lab, monkeypatch, do="begin")
    lab.state.layer += 1
    assert ask(lab, monkeypatch, do="zip", parts=[]) == ({"problem": CHANGED}, None)
