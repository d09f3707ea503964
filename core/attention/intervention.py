"""What might have been otherwise between the scores and the weights of attention, as data.

An intervention is a tuple of changes, each of some layers, heads and query tokens. The same data is a table of a TOML
file (`from_table`), a word of a link (`written`, `read`) and a sentence (`in_words`); what it does to a layer's
attention is in `core.model.changed`, and without weights or patches in `Rule`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from core.writing import number

Keys = Literal["none", "window", "nofirst", "onlyfirst"]
Weights = Literal["zero", "textmean", "headmean", "row"]
Divisor = Literal["rootwidth", "rootembedding", "width"]
NEAR = 1e-6
"""How far, relatively, two scales may lie apart and still be the same: float32 keeps seven digits."""
KINDS = ("divide", "mask", "window", "weights", "row", "layers", "heads", "queries")
DIVISORS: dict[str, str] = {"rootwidth": "√d", "rootembedding": "√E", "width": "d"}
MASKS: dict[str, str] = {
    "none": "no mask",
    "window": "a window of the last {} tokens",
    "nofirst": "no look at the first token",
    "onlyfirst": "a look at the first token only",
}
WEIGHTS: dict[str, str] = {
    "zero": "weights of 0",
    "textmean": "the mean weights of the text",
    "headmean": "the mean weights of all heads",
    "row": "the weights of query {}",
}


class BadIntervention(ValueError):
    """No change that could be made; the message is a sentence."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change, where it says; None is all of them. Exactly one of `divide`, `mask`, `weights` and `scores` is there.

    Scores are divided by another number than the model's; keys are hidden or shown; the weights of heads are set to 0,
    to their mean over the text or over the layer's heads, or to those of another query; scores are given from outside.
    """

    divide: float | Divisor | None = None
    """What products are divided by; √d, √E and d by name, with E = heads · d."""
    mask: Keys | None = None
    """`none`: every key is seen; the others leave fewer keys than the model's own mask does. A query that would see
    nothing sees itself."""
    window: int = 0
    """How many tokens the `window` leaves, the query itself counted."""
    weights: Weights | None = None
    row: int = 0
    """The query of the `row`."""
    scores: Scores | None = None
    layers: tuple[int, ...] | None = None
    heads: tuple[int, ...] | None = None
    queries: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        if sum(what is not None for what in (self.divide, self.mask, self.weights, self.scores)) != 1:
            raise BadIntervention("A change has one of divide, mask and weights.")
        if isinstance(self.divide, float | int) and not 0 < self.divide < np.inf:
            raise BadIntervention(f"Scores cannot be divided by {number(self.divide)}.")
        if self.mask == "window" and self.window < 1:
            raise BadIntervention("A window has 1 token or more.")

    @property
    def of_rule(self) -> bool:
        """Whether it is of all heads and queries of its layers, and of nothing but the scale and the mask."""
        return self.heads is None and self.queries is None and (self.divide is not None or self.mask is not None)

    def scale(self, heads: int, width: int) -> float:
        """What products are multiplied by instead, of a division."""
        divisors = {"rootwidth": width**0.5, "rootembedding": (heads * width) ** 0.5, "width": float(width)}
        assert self.divide is not None
        return 1 / (divisors[self.divide] if isinstance(self.divide, str) else self.divide)

    def visible(self, own: Bool[ndarray, "query key"]) -> Bool[ndarray, "query key"]:
        """The keys that each query may see instead of its own, of a mask."""
        if self.mask == "none":
            return np.ones_like(own)
        query, key = np.arange(own.shape[0])[:, None], np.arange(own.shape[1])[None]
        left = {"window": query - key < self.window, "nofirst": key > 0, "onlyfirst": key == 0}
        assert self.mask is not None
        seen = own & left[self.mask]
        alone = ~seen.any(axis=1)
        seen[alone, np.flatnonzero(alone)] = True
        return seen

    def words(self) -> str:
        """What is otherwise, and where."""
        if self.divide is not None:
            what = f"scores divided by {DIVISORS.get(str(self.divide)) or number(float(self.divide))}"
        elif self.mask is not None:
            what = MASKS[self.mask].format(self.window)
        elif self.weights is not None:
            what = WEIGHTS[self.weights].format(self.row)
        else:
            what = "scores of the other text"
        named = {"layer": self.layers, "head": self.heads, "query": self.queries}
        places = [_listed(name, numbers) for name, numbers in named.items() if numbers is not None]
        everywhere = [] if self.layers is not None else ["all layers"]
        return f"{what} in {', '.join([*everywhere, *places])}"

    def table(self) -> dict[str, Any]:
        """As in a TOML file. Raises BadIntervention for scores, which only a run of the other text gives."""
        if self.scores is not None:
            raise BadIntervention("Scores of another text are in no file: they are worked out from it.")
        values = {name: getattr(self, name) for name in KINDS}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in values.items()
            if value is not None and not (name in ("window", "row") and value == 0)
        }


@dataclass(frozen=True, eq=False)
class Scores:
    """Raw scores from another run, by layer; where NaN, the run keeps its own."""

    of_layer: Mapping[int, Float[ndarray, "head query key"]]


Intervention = tuple[Change, ...]
UNCHANGED: Intervention = ()


class Rule(NamedTuple):
    """How a layer makes weights of its products: what an intervention on all heads of it changes."""

    width: int
    """d."""
    scale: float
    visible: Bool[ndarray, "query key"]

    def changed(self, changes: Sequence[Change], heads: int) -> Rule:
        """With changes of this layer; itself where they come to the same. Those of some heads or queries count not."""
        rule = self
        for change in changes:
            if not change.of_rule:
                continue
            if change.divide is not None:
                scale = change.scale(heads, self.width)
                rule = rule._replace(scale=self.scale if np.isclose(scale, self.scale, rtol=NEAR, atol=0) else scale)
            else:
                rule = rule._replace(visible=change.visible(self.visible))  # of two masks the later one
        same = rule.scale == self.scale and np.array_equal(rule.visible, self.visible)
        return self if same else rule

    def is_kept_by(self, changes: Sequence[Change], heads: int) -> bool:
        """Whether changes of this layer come to nothing: the model may then run as it always does, bit for bit."""
        return all(change.of_rule for change in changes) and self.changed(changes, heads) is self


def in_layer(intervention: Intervention, layer: int) -> Intervention:
    """The changes that concern a layer; those of no head or no query do not."""
    here = (change for change in intervention if change.layers is None or layer in change.layers)
    return tuple(change for change in here if () not in (change.heads, change.queries))


def first_layer(intervention: Intervention, layers: int) -> int:
    """The first layer that is changed; the number of layers where none is."""
    firsts = (0 if change.layers is None else min(change.layers, default=layers) for change in intervention)
    return min(firsts, default=layers)


def check(intervention: Intervention, layers: int, heads: int, tokens: int) -> None:
    """Raises BadIntervention for a layer, head or token that a run does not have."""
    for change in intervention:
        row = (change.row,) if change.weights == "row" else ()
        places = {"layer": (change.layers, layers), "head": (change.heads, heads), "token": (change.queries, tokens)}
        for name, (numbers, count) in [*places.items(), ("token", (row, tokens))]:
            beyond = [one for one in numbers or () if not 0 <= one < count]
            if beyond:
                raise BadIntervention(f"There is no {name} {beyond[0]}: the last one is {count - 1}.")


def in_words(intervention: Intervention) -> str:
    """All changes, as the middle of a sentence: "scores divided by 1 in layer 3; no mask in layer 5"."""
    return "; ".join(change.words() for change in intervention) or "nothing changed"


def written(intervention: Intervention) -> str:
    """As one word of a link: `divide-1~layers-3_mask-none~layers-5`. Raises BadIntervention for given scores."""
    return "_".join("~".join(_word(name, value) for name, value in change.table().items()) for change in intervention)


def read(word: str) -> Intervention:
    """What `written` wrote. Raises BadIntervention for anything else."""
    changes = []
    for one in filter(None, word.split("_")):
        table: dict[str, Any] = {}
        for field in one.split("~"):
            name, _, value = field.partition("-")
            if name in ("layers", "heads", "queries"):
                table[name] = [_whole(name, part) for part in value.split(".") if part]
            elif name in ("window", "row"):
                table[name] = _whole(name, value)
            else:
                table[name] = value
        changes.append(from_table(table))
    return tuple(changes)


def from_table(table: Mapping[str, Any]) -> Change:
    """A change from a table of a TOML file. Raises BadIntervention for what is none."""
    unknown = [name for name in table if name not in KINDS]
    if unknown:
        raise BadIntervention(f"A change knows no {unknown[0]!r}; it knows {', '.join(KINDS)}.")
    values = dict(table)
    for name in ("layers", "heads", "queries"):
        if name in values:
            values[name] = _numbers(name, values[name])
    for name in ("window", "row"):
        if name in values and (not isinstance(values[name], int) or isinstance(values[name], bool)):
            raise BadIntervention(f"{name} is a whole number.")
    for name, words in (("mask", get_args(Keys)), ("weights", get_args(Weights))):
        if name in values and str(values[name]) not in words:
            raise BadIntervention(f"{name} is one of {', '.join(words)}.")
    if "divide" in values and str(values["divide"]) not in DIVISORS:
        values["divide"] = _real(values["divide"])
    return Change(**values)


def _listed(name: str, numbers: tuple[int, ...]) -> str:
    plural = {"query": "queries"}.get(name, f"{name}s")
    return f"{name if len(numbers) == 1 else plural} {', '.join(map(str, numbers)) or 'none'}"


def _word(name: str, value: Any) -> str:
    if isinstance(value, list):
        return f"{name}-{'.'.join(map(str, value))}"
    return f"{name}-{repr(value).removesuffix('.0')}" if isinstance(value, float) else f"{name}-{value}"


def _numbers(name: str, values: Any) -> tuple[int, ...]:
    if not isinstance(values, list | tuple) or any(not isinstance(one, int) or isinstance(one, bool) for one in values):
        raise BadIntervention(f"{name} is a list of whole numbers.")
    return tuple(sorted(set(values)))


def _whole(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise BadIntervention(f"{name} is of whole numbers, and {value[:20]!r} is none.")
    return int(value)


def _real(value: Any) -> float:
    with suppress(ValueError):
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return float(value)
    raise BadIntervention(f"divide is a number, or one of {', '.join(DIVISORS)}.")
