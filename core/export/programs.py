"""A program for a part: its file in the part's room, with what it takes from `core.model.program` put in, and the
settings in place.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from core.model.capture import Capture
from core.model.facts import LONGEST
from core.model.hub import HubModel, hub_model
from core.model.tokens import readable
from core.model.words import STUDY_SCALE, scale_sign
from core.parts import PARTS

PROGRAMS = {name: picture for part in PARTS for name, picture in part.pictures.items() if part.program(name)}
"""What each program is called, by the name of the part or section that it is of: the study's picture."""
SETTINGS = {
    *("text", "model", "revision", "longest", "changes", "layer", "head", "query", "key"),
    *(setting.name for part in PARTS for setting in part.settings),
}
"""What a program may state on top: the lab's settings, and what a capture says."""
RUN = "core.model.program"
"""The module that a program takes one run from, where the model is a GPT-2; see `serving` for others."""
HOUSE = Path(__file__).parents[2]
SHIPPED = "core/default_model"
WIDTH = 88  # letters of a text in one line
SETTING = re.compile(r"([A-Z][A-Z_]*) = ")


class Source(NamedTuple):
    """A program in four pieces, each of whole lines."""

    words: str
    """Its docstring."""
    imports: list[str]
    settings: list[str]
    """NAME = value, one a line."""
    body: str
    local: str
    """The module beside it that it takes names from; empty if none."""


def program(part: str, capture: Capture, settings: Mapping[str, Any]) -> str:
    """The program of a part for the text and model of a capture.

    Each `NAME = …` at the top of a file here gets the value of the setting `name`: those of the lab's state, and
    `model`, `revision`, `text` and `changes` as the capture says.
    """
    values = {**settings, **asked_of_model(capture)}
    sources = sources_of(part, capture)
    imports = dict.fromkeys(line for source in sources for line in source.imports)
    stated = [stating(line, values) for source in sources for line in source.settings]
    top = "\n\n".join([sources[-1].words, "\n".join(imports), "# Settings\n" + "\n".join(stated)])
    return "\n\n\n".join([top, *(source.body for source in sources)]) + "\n"


def sources_of(part: str, *captures: Capture) -> list[Source]:
    """A part's program, after what it takes of a run, in the way that serves the models of all captures."""
    sources = [read(path_of(part))]
    while local := sources[0].local:
        module = serving(local, captures)
        sources.insert(0, read(HOUSE.joinpath(*module.split(".")).with_suffix(".py")))
    return sources


def serving(module: str, captures: Sequence[Capture]) -> str:
    """The module that gives what another one gives, for the models of all captures and what was changed in them."""
    changed = any(capture.intervention for capture in captures)
    gpt2 = all(capture.model.family == "gpt2" and scale_sign(capture) == STUDY_SCALE for capture in captures)
    if module == RUN and (changed or not gpt2):
        return f"{RUN}_of_kept_layers"
    if module == f"{RUN}_of_any_model" and changed:
        return f"{RUN}_of_changed_run"
    return module


def path_of(name: str, kind: str = "program") -> Path:
    """The file of a program that there is: of a part or a section, or with `difference_program` of its difference."""
    return next(filter(None, (part.program(name, kind) for part in PARTS if name in part.pictures)))


def asked_of_model(capture: Capture) -> dict[str, Any]:
    """What `from_pretrained` is to be given, the text, and what is changed in the run."""
    model = capture.model
    values = {
        "text": capture.text,
        "longest": min(LONGEST, model.positions),
        "changes": [change.table() for change in capture.intervention],
    }
    if (hub := on_hub(capture)) is not None:
        return values | {"model": hub.repository, "revision": model.revision}
    return values | {"model": SHIPPED if model.shipped else model.name, "revision": "main"}


def on_hub(capture: Capture) -> HubModel | None:
    """What the model is on the hub; None for a folder, which may bear the same name."""
    return None if capture.model.revision.startswith("sha256:") else hub_model(capture.model.name)


def words_of(part: str, *captures: Capture) -> str:
    """How to run the program for one capture, or for the two of a difference, in a few plain sentences."""
    runs_model = read(path_of(part)).local
    needs = "numpy, torch and transformers" if runs_model else "numpy"
    words = f"A whole program: with Python and {needs} it works out the numbers that you see, with your settings."
    owners = ("lab's repository" if one.model.shipped else "lab's server" for one in captures if on_hub(one) is None)
    folders = " or ".join(f"a folder of the {owner}" for owner in dict.fromkeys(owners))
    if runs_model and folders:
        words += f" MODEL is {folders}: put in its path on your machine, or a model's name on the Hugging Face hub."
    return words


def read(path: Path) -> Source:
    """Take the file of a program apart."""
    text = path.read_text("utf-8")
    lines = text.splitlines()

    def source(node: ast.stmt) -> str:
        return "\n".join(lines[node.lineno - 1 : node.end_lineno])

    words, *rest = ast.parse(text).body
    imports: list[str] = []
    settings: list[str] = []
    local = ""
    for at, node in enumerate(rest):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("core."):
            local = node.module
        elif isinstance(node, ast.Import | ast.ImportFrom):
            imports.append(source(node))
        elif isinstance(node, ast.Assign) and states_setting(source(node)):
            settings.append(source(node))
        else:
            start = rest[at - 1].end_lineno or 0
            return Source(source(words), imports, settings, "\n".join(lines[start:]).strip("\n"), local)
    raise ValueError(f"{path.name} does nothing")


def states_setting(line: str) -> bool:
    """Whether a line is `NAME = …` of a setting; `M = …` may be a mask."""
    found = SETTING.match(line)
    return found is not None and found[1].lower() in SETTINGS


def stating(line: str, values: Mapping[str, Any]) -> str:
    """A line `NAME = value  # remark` with the setting's present value."""
    name, value, remark = assigned(line, values)
    return f"{name} = {value}{remark}"


def assigned(line: str, values: Mapping[str, Any]) -> tuple[str, str, str]:
    """A setting's name, its present value as Python writes it, and the remark behind it, if any."""
    found = SETTING.match(line)
    assert found is not None
    value = values[found[1].lower()]
    _, sign, remark = line.partition("  # ")
    return found[1], as_python(value), sign + remark


def as_python(value: Any) -> str:
    """A setting's value as Python writes it: a text as the tokenizer gets it, changes one a line."""
    if isinstance(value, list) and value:
        return "[\n" + "".join(f"    {one!r},\n" for one in value) + "]"
    return quoted(readable(value)) if isinstance(value, str) else repr(value)


def quoted(text: str) -> str:
    """A text as Python writes it, a long one in several lines."""
    pieces = list(cut(text))
    if len(pieces) < 2:
        return repr(text)
    return "(\n" + "\n".join(f"    {piece!r}" for piece in pieces) + "\n)"


def cut(text: str) -> Iterator[str]:
    """Pieces of about a line, each ending after a space where there is one."""
    while len(text) > WIDTH:
        end = text.rfind(" ", 1, WIDTH) + 1 or WIDTH
        yield text[:end]
        text = text[end:]
    yield text
