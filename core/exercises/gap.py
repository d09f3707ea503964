"""What a fill-the-gap exercise is, and the small arrays that answers are judged on."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from core.expressions import Tensor, Value, shape_of

BLANK = "____"
"""Stands in a line for what the learner writes."""


class Sizes(NamedTuple):
    """Sizes of a small model and text, all different, so that a wrong axis shows."""

    layers: int
    heads: int
    tokens: int
    width: int
    """of a head, d"""
    mask: int
    """N, the mask size"""

    @property
    def embedding(self) -> int:
        """E = H · d"""
        return self.heads * self.width


SHOWN = Sizes(layers=7, heads=3, tokens=6, width=4, mask=5)
"""What the page shows and feedback speaks of."""
OTHER = Sizes(layers=3, heads=2, tokens=7, width=5, mask=4)
"""An answer must hold for these too: numbers typed in for T, H or d do not."""


@dataclass(frozen=True)
class Gap:
    """One line of the study with a gap."""

    id: str
    """Part, dash, name; short and for ever, as links hold it."""
    task: str
    line: str
    """Code with BLANK in it."""
    given: str
    """The names that an answer may use, with blanks between."""
    result: str
    """What the answer is, with its shape in letters: 'a head is (T, d)'; feedback adds the numbers."""
    ask: str
    """The question that a wrong shape raises."""
    hints: tuple[str, str]
    solution: str
    reason: str
    """Why, in one or two sentences, shown with a right answer or the solution."""
    mistakes: Mapping[str, str] = field(default_factory=dict)
    """Wrong answers that teach something, each with its feedback; found by what they evaluate to."""

    @property
    def part(self) -> int:
        """1 … 9"""
        return int(self.id.partition("-")[0])


@dataclass(frozen=True)
class Topic:
    """One part's gaps and what they are about."""

    words: Mapping[str, str]
    """What each given name is, with its shape in letters."""
    values: Callable[[Sizes, np.random.Generator], dict[str, Value]]
    gaps: tuple[Gap, ...]

    def given(self, gap: Gap, sizes: Sizes) -> dict[str, Value]:
        """The values of a gap's names, the same at every call."""
        values = self.values(sizes, np.random.default_rng([gap.part, sizes.tokens]))
        return {name: values[name] for name in gap.given.split()}

    def described(self, gap: Gap) -> dict[str, str]:
        """Each given name in words, with its shape or number as the page shows it."""
        return {name: _described(self.words[name], value) for name, value in self.given(gap, SHOWN).items()}


def read_topic(file: Path, values: Callable[[Sizes, np.random.Generator], dict[str, Value]]) -> Topic:
    """The gaps of a TOML file: `[words]` on each given name, and a `[[gap]]` for each, in their order."""
    content = tomllib.loads(file.read_text("utf-8"))
    gaps = tuple(Gap(**{**gap, "hints": tuple(gap["hints"])}) for gap in content["gap"])
    return Topic(content["words"], values, gaps)


def _described(words: str, value: Value) -> str:
    shape = shape_of(value)
    if shape is None:
        return words
    if shape:
        return f"{words} = {shape}"
    return f"{words} = {value if isinstance(value, int) else round(float(value), 3)}"


def normal(rng: np.random.Generator, *shape: int, spread: float = 1.0) -> Tensor:
    """A float32 tensor of independent normal numbers."""
    return rng.normal(0, spread, shape).astype(np.float32).view(Tensor)


def as_tensor(values: np.ndarray) -> Tensor:
    """A float32 tensor of these numbers."""
    return np.ascontiguousarray(values, np.float32).view(Tensor)
