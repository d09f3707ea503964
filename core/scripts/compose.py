"""A program for a part: its file here, with what it takes from `activations` put in, and the settings in place."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from core.capture import LONGEST, Capture
from core.hub import HubModel, hub_model
from core.model_words import STUDY_SCALE, scale_sign
from core.tokens import readable

HERE = Path(__file__).parent
PROGRAMS = {
    "scaling": "part1",
    "tokens": "part2",
    "heads": "part3",
    "raw_scores": "part4",
    "all_layers": "part5",
    "distributions": "part6",
    "softmax": "part7a",
    "attention": "part7b",
    "attention_maps": "part7c",
    "softmax_layers": "part8",
    "averaging": "part9",
    "group_means": "part9b",
}
"""The files here by their names, and what each program is called: the study's picture that it is of."""
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
    `model`, `revision` and `text` as the capture says.
    """
    values = {**settings, **asked_of_model(capture)}
    sources = sources_of(part, capture)
    imports = dict.fromkeys(line for source in sources for line in source.imports)
    stated = [stating(line, values) for source in sources for line in source.settings]
    top = "\n\n".join([sources[-1].words, "\n".join(imports), "# Settings\n" + "\n".join(stated)])
    return "\n\n\n".join([top, *(source.body for source in sources)]) + "\n"


def sources_of(part: str, *captures: Capture) -> list[Source]:
    """A part's program, after what it takes from `activations`, in the way that serves the models of all captures."""
    own = read(part)
    gpt2 = all(capture.model.family == "gpt2" and scale_sign(capture) == STUDY_SCALE for capture in captures)
    return [*([read("activations" if gpt2 else "activations_of_any_model")] if own.local else []), own]


def asked_of_model(capture: Capture) -> dict[str, Any]:
    """What `from_pretrained` is to be given, and the text as the tokenizer gets it."""
    model = capture.model
    values = {"text": readable(capture.text), "longest": min(LONGEST, model.positions)}
    if (hub := on_hub(capture)) is not None:
        return values | {"model": hub.repository, "revision": model.revision}
    return values | {"model": SHIPPED if model.shipped else model.name, "revision": "main"}


def on_hub(capture: Capture) -> HubModel | None:
    """What the model is on the hub; None for a folder, which may bear the same name."""
    return None if capture.model.revision.startswith("sha256:") else hub_model(capture.model.name)


def words_of(part: str, *captures: Capture) -> str:
    """How to run the program for one capture, or for the two of a difference, in a few plain sentences."""
    runs_model = read(part).local
    needs = "numpy, torch and transformers" if runs_model else "numpy"
    words = f"A whole program: with Python and {needs} it works out the numbers that you see, with your settings."
    owners = ("lab's repository" if one.model.shipped else "lab's server" for one in captures if on_hub(one) is None)
    folders = " or ".join(f"a folder of the {owner}" for owner in dict.fromkeys(owners))
    if runs_model and folders:
        words += f" MODEL is {folders}: put in its path on your machine, or a model's name on the Hugging Face hub."
    return words


def read(name: str) -> Source:
    """Take one of the files here apart."""
    text = (HERE / f"{name}.py").read_text("utf-8")
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
        elif isinstance(node, ast.Assign) and SETTING.match(source(node)):
            settings.append(source(node))
        else:
            start = rest[at - 1].end_lineno or 0
            return Source(source(words), imports, settings, "\n".join(lines[start:]).strip("\n"), local)
    raise ValueError(f"{name} does nothing")


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
    return found[1], quoted(value) if isinstance(value, str) else repr(value), sign + remark


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
