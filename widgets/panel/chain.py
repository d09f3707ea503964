"""The chain from a product of queries and keys to an attention weight, with the stage on show lit."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Literal

from ipywidgets import HTML

from core.model.words import STUDY_SCALE
from core.writing import number

Stage = Literal["product", "scaled", "masked", "softmax"]

STAGES: dict[Stage, str] = {
    "product": "<b class='lab-query'>Q</b> <b class='lab-key'>K</b><sup>⊤</sup>",
    "scaled": STUDY_SCALE,
    "masked": "+ M",
    "softmax": "softmax",
}


class Chain(HTML):
    """Q Kᵀ → ÷ √d → + M → softmax, with the model's own scale in the place of ÷ √d."""

    def __init__(self, *lit: Stage):
        super().__init__()
        self._scale, self._lit = STAGES["scaled"], lit
        self.add_class("lab-chain")
        self.light(*lit)

    def show_scale(self, sign: str) -> None:
        """Write how the model on show makes scores of its products, as `core.model.words.scale_sign` says it."""
        if sign != self._scale:
            self._scale = sign
            self.light(*self._lit)

    def light(self, *lit: Stage, values: Sequence[float] = ()) -> None:
        """Light these stages and no others; `values` are one score's after each stage."""
        self._lit = lit
        signs = {**STAGES, "scaled": _sloped(self._scale)}
        steps = "".join(
            f"<li{' class=lab-lit aria-current=step' if stage in lit else ''}>{sign}{_written(value)}</li>"
            for (stage, sign), value in zip_longest(signs.items(), values)
        )
        self.value = f"<ol aria-label='From scores to attention'>{steps}</ol>"


def _sloped(sign: str) -> str:
    """With d as a symbol."""
    return sign.replace("√d", "√<i>d</i>")


def _written(value: float | None) -> str:
    if value is None:
        return ""
    return f"<output>{number(value).replace('inf', '∞')}</output>"
