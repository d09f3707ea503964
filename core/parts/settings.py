"""What a learner can choose in a part: a setting's name, its default, its bounds and its label, stated once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Switch:
    """On or off."""

    name: str
    default: bool
    label: str


@dataclass(frozen=True)
class Choice:
    """One of a few, each with a word on the page."""

    name: str
    options: tuple[str, ...]
    label: str
    words: tuple[str, ...]

    @property
    def default(self) -> str:
        """The first."""
        return self.options[0]


@dataclass(frozen=True)
class Whole:
    """A whole number within bounds, both included."""

    name: str
    default: int
    low: int
    high: int
    label: str
    below: str = ""
    """Another setting that it must stay below."""


@dataclass(frozen=True)
class Real:
    """A number within bounds, both included, in steps."""

    name: str
    default: float
    low: float
    high: float
    label: str
    step: float
    """On a `logarithmic` scale a step in powers of two."""
    logarithmic: bool = False


@dataclass(frozen=True)
class Line:
    """A line of text."""

    name: str
    default: str
    label: str


Setting = Switch | Choice | Whole | Real | Line


def in_layers(name: str) -> Choice:
    """Where an experiment changes something; `chosen_layers` says which layers these are."""
    return Choice(name, ("all", "one"), "In", ("All layers", "The chosen layer"))


def chosen_layers(where: str, layer: int) -> tuple[int, ...] | None:
    """The layers of a change; None is all of them."""
    return None if where == "all" else (layer,)


def default_layer(layers: int) -> int:
    """The study's layer 6 of 24, at the same depth of another model: round(6/23 · (L − 1))."""
    return round(6 / 23 * (layers - 1))
