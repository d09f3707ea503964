"""Part 3: one layer's activations, split into heads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from jaxtyping import Float
from numpy import ndarray

from core.model.capture import Capture
from core.parts.heads import overview
from core.parts.part import Array, Arrays
from core.parts.tables import Columns, Table, long, with_text
from core.writing import counted, number

Activation = Literal["query", "key", "value"]


class Heads(NamedTuple):
    """Part 3: one layer's activations by head, each transposed as the heat maps show it."""

    layer: int
    activation: Activation
    heads: Float[ndarray, "head width token"]
    lowest: float
    highest: float

    def sentence(self) -> str:
        heads, width, tokens = self.heads.shape
        return (
            f"Layer {self.layer}: the {self.activation} activations of {counted(heads, 'head')}, "
            f"{counted(width, 'number')} for each of {counted(tokens, 'token')}, lie between "
            f"{number(self.lowest)} and {number(self.highest)}."
        )

    def tables(self, tokens: Sequence[str]) -> tuple[Table, ...]:
        def columns() -> Columns:
            values = long(self.heads, "head", "dimension", "token", value=self.activation)
            return with_text(values, tokens, "token")

        return (Table("part3", f"{self.activation.capitalize()} activations, head by head", columns),)


def heads(capture: Capture, layer: int, activation: Activation = "query") -> Heads:
    """Part 3: Q_hᵀ (or K_hᵀ, V_hᵀ) of every head, (H, d, T), a view of the capture."""
    split = capture.split_heads(activation, layer).swapaxes(1, 2)
    return Heads(layer, activation, split, float(split.min()), float(split.max()))


def export(capture: Capture, layer: int, mask_size: int) -> Arrays:
    """What an export holds of the part."""
    return {
        "part3_query_heads": Array(heads(capture, layer).heads, ('head', 'dimension', 'token')),
        **overview.export(capture),
    }
