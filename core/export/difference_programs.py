"""A program for the difference of two views: the part's own program as a function, run for A and for B, then B − A."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from textwrap import indent
from typing import Any, NamedTuple

from core.export.programs import asked_of_model, assigned, path_of, read, sources_of
from core.model.capture import Capture
from core.parts import PARTS

DIFFERENCES = {
    name: f"{picture}-difference"
    for part in PARTS
    for name, picture in part.pictures.items()
    if part.program(name, "difference_program")
}
"""What the programs are called, by the name of the part or section."""
INDENT = "    "


class View(NamedTuple):
    """What a part shows: of which text and model, and with which settings of the lab's state."""

    capture: Capture
    settings: Mapping[str, Any]


def difference_program(part: str, a: View, b: View) -> str:
    """The program of the difference B − A of one of the parts of DIFFERENCES."""
    own, ending = sources_of(part, a.capture, b.capture), read(path_of(part, "difference_program"))
    imports = dict.fromkeys(["from types import SimpleNamespace", *(line for one in own for line in one.imports)])
    settings = [line for one in own for line in one.settings]
    views = [_settings_of(name, view, settings) for name, view in (("A", a), ("B", b))]
    top = [ending.words, "\n".join(imports), "# Settings\n" + "\n".join(views)]
    ran = 'print("A:")\na = view(**A)\nprint("B:")\nb = view(**B)'
    function = _function(own[-1].words, settings, [one.body for one in own], _taken(ending.body))
    return "\n\n\n".join(["\n\n".join(top), function, ran, ending.body]) + "\n"


def _settings_of(name: str, view: View, settings: list[str]) -> str:
    """A view's settings as a dictionary, one a line."""
    values = {**view.settings, **asked_of_model(view.capture)}
    stated = (assigned(line, values) for line in settings)
    lines = [indent(f"{setting}={value},{remark}", INDENT) for setting, value, remark in stated]
    return "\n".join([f"{name} = dict(", *lines, ")"])


def _function(words: str, settings: list[str], bodies: list[str], taken: list[str]) -> str:
    """The bodies of programs as one function of their settings, which gives what is taken of it."""
    names = ", ".join(line.partition(" = ")[0] for line in settings)
    given = ", ".join(f"{name}={name}" for name in taken)
    *first, last = bodies
    body = "\n\n".join([words, *first, _without_last(last), f"return SimpleNamespace({given})"])
    body = body.replace("\n\n\n", "\n\n")
    return f"def view({names}):\n{indent(body, INDENT)}"


def _without_last(body: str) -> str:
    """A program without its last statement, which stores the numbers."""
    return "\n".join(body.splitlines()[: ast.parse(body).body[-1].lineno - 1]).rstrip()


def _taken(body: str) -> list[str]:
    """What a difference takes of its two views, by name."""
    attributes = (node for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Attribute))
    names = (node.attr for node in attributes if isinstance(node.value, ast.Name) and node.value.id in ("a", "b"))
    return list(dict.fromkeys(names))
