"""A part is no more than it has: without gaps, prediction, tasks, program and difference these are not there."""

from pathlib import Path

import pytest

from core.model.default_capture import default_capture
from core.parts import PARTS
from core.parts.part import Part
from widgets.lab import Lab

BARE = PARTS[-1]
PIECES = ("gaps", "prediction", "tasks", "program", "difference", "difference_program")


def take_away(monkeypatch: pytest.MonkeyPatch, *pieces: str) -> None:
    """These files are not in the part's room; nor, with its prediction, those of its sections."""
    whole, missing = Part.file, {f"{piece}.py" for piece in pieces}

    def file(part: Part, name: str) -> Path:
        return Path("nowhere") if part is BARE and name in missing else whole(part, name)

    monkeypatch.setattr(Part, "file", file)
    if "prediction" in pieces:
        every = Part._predictions
        monkeypatch.setattr(Part, "_predictions", lambda part: {} if part is BARE else every(part))


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> Part:
    take_away(monkeypatch, *PIECES)
    return BARE


def test_a_room_of_numbers_alone_is_a_part(bare: Part) -> None:
    assert (bare.exercises.ids, bare.has_exercises, bare.differences, bare.program(bare.name)) == ((), False, {}, None)
    assert bare.export(default_capture(), 0, 5)


def test_nothing_of_what_it_lacks_stands_around_it(bare: Part) -> None:
    lab = Lab(capture=default_capture())
    panel, other = (getattr(lab, part.name) for part in (bare, PARTS[0]))
    for widget in (lab.exercises, lab.predictions):
        assert widget in other.guests
        assert widget not in panel.guests


def test_a_part_with_tasks_alone_shows_no_gap_and_no_prediction(monkeypatch: pytest.MonkeyPatch) -> None:
    take_away(monkeypatch, "gaps", "prediction")
    lab = Lab(capture=default_capture())
    lab.exercises._handle_custom_msg({"do": "unfold", "part": BARE.number}, [])
    assert lab.exercises.gaps[str(BARE.number)] == {"id": "", "predicted": {}}
    assert lab.exercises.tasks[str(BARE.number)]
    for message in ({"do": "check", "answer": "1"}, {"do": "help"}, {"do": "turn", "to": 0}):
        lab.exercises._handle_custom_msg({**message, "part": BARE.number}, [])
