"""What a panel's files are called, and the program behind it: a part's, its twin's under A, or their difference's."""

from __future__ import annotations

from typing import NamedTuple

from core.export.difference_programs import DIFFERENCES, View, difference_program
from core.export.programs import PROGRAMS, program, words_of
from core.parts.tables import settings_in_name
from widgets.compare.differences import DifferencePanel
from widgets.compare.pinned import PinnedPanel
from widgets.panel.panel import Panel

NO_DIFFERENCE = "There is no difference to work out yet: the part says why."


class Refused(Exception):
    """What was asked for cannot be had; the message is a sentence for the page."""


class Program(NamedTuple):
    """A program, what its file is called, and how to run it, in words."""

    name: str
    code: str
    words: str


def stem(panel: Panel, name: str) -> str:
    """A file's name without its ending: what it is, of which of the two views, and the layer and head of each."""
    if isinstance(panel, DifferencePanel):
        sides = (("-A", panel.twin.result), ("-B", panel.live.result))
        told = [side + settings_in_name(result) for side, result in sides if settings_in_name(result)]
        return name + "".join(told)
    side = "-A" if isinstance(panel, PinnedPanel) else ""
    return name + side + settings_in_name(panel.result)


def program_of(panel: Panel) -> Program:
    """The program that works out a panel's numbers. Raises Refused for a difference that there is not."""
    if isinstance(panel, DifferencePanel):
        if panel.result is None:
            raise Refused(NO_DIFFERENCE)
        a, b = view_of(panel.twin), view_of(panel.live)
        code, words = difference_program(panel.live.name, a, b), words_of(panel.live.name, a.capture, b.capture)
        return Program(f"{stem(panel, DIFFERENCES[panel.live.name])}.py", code, words)
    part = panel.live.name if isinstance(panel, PinnedPanel) else panel.name
    view = view_of(panel)
    return Program(f"{stem(panel, PROGRAMS[part])}.py", program(part, *view), words_of(part, view.capture))


def view_of(panel: Panel) -> View:
    """The capture and the settings that a part follows now."""
    capture, state = panel.session.capture, panel.state
    assert capture is not None
    return View(capture, {name: getattr(state, name) for name in state.trait_names()})
