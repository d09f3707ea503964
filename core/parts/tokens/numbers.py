"""Part 2: the model, the tokens of the text, and the next-token guesses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from core.model.capture import Capture
from core.model.facts import ModelFacts
from core.model.tokens import isolated
from core.model.words import STUDY_SCALE, mask_words, scale_sign
from core.parts.part import Array, Arrays
from core.parts.tables import Table
from core.writing import also, counted, number, percent


class Tokens(NamedTuple):
    """Part 2: the model, the tokens of the text, the shapes, and the model's next-token guesses."""

    model: ModelFacts
    token_ids: Int[ndarray, " token"]
    token_text: tuple[str, ...]
    """Visible form: spaces and newlines as signs."""
    text_tokens: int
    """Tokens that the whole text has, more than `token_ids` holds when it was cut."""
    root_width: float
    """√d"""
    scale: str
    """How products become raw scores: "÷ √d", or what the model does instead."""
    mask: str
    """Which keys a query may see, in a sentence; empty for the causal mask."""
    projection_shapes: tuple[tuple[str, tuple[int, int, int]], ...]
    """Name and output shape of each projection of a layer; for GPT-2 one, `c_attn`: (1, T, 3E)."""
    activation_shape: tuple[int, int]
    """Shape of Q, K and V each, (T, E)."""
    head_shape: tuple[int, int]
    """Shape of one head's slice, (T, d)."""
    next_ids: Int[ndarray, " guess"]
    next_text: tuple[str, ...]
    next_probability: Float[ndarray, " guess"]

    def sentence(self) -> str:
        model, shown = self.model, len(self.token_ids)
        length = counted(shown, "token")
        if shown < self.text_tokens:
            length = f"the first {shown:,} of its {self.text_tokens:,} tokens"
        guess = ""
        if len(self.next_text):
            guess = f", and guesses “{isolated(self.next_text[0])}” next with {percent(self.next_probability[0])}"
        return (
            f"{model.name} reads {length} with {counted(model.layers, 'layer')} of {counted(model.heads, 'head')}, "
            f"each {model.head_width} wide ({self._scaled()}){guess}.{also(self.mask)}"
        )

    def tables(self, tokens: Sequence[str]) -> tuple[Table, ...]:
        read = {"token": np.arange(len(tokens)), "id": self.token_ids, "text": np.array(self.token_text, np.str_)}
        guessed = {
            "guess": np.arange(len(self.next_ids)),
            "id": self.next_ids,
            "text": np.array(self.next_text, np.str_),
            "probability": self.next_probability,
        }
        return (
            Table("part2", "The tokens of the text", lambda: read, drawn=False),
            Table("part2b", "The model's guesses for the next token", lambda: guessed),
        )

    def _scaled(self) -> str:
        """Part 2's scale in a bracket: √d as a number, or what the model does instead."""
        return f"√d = {number(self.root_width)}" if self.scale == STUDY_SCALE else f"scores {self.scale}"


def tokens(capture: Capture) -> Tokens:
    """Part 2."""
    model, length = capture.model, capture.tokens
    return Tokens(
        model,
        capture.token_ids,
        capture.token_text,
        capture.text_tokens,
        float(np.sqrt(capture.head_width)),
        scale_sign(capture),
        mask_words(capture),
        tuple((name, (1, length, width)) for name, width in model.projections),
        (length, capture.query.shape[2]),
        (length, capture.head_width),
        capture.next_ids,
        capture.next_text,
        capture.next_probability,
    )


def export(capture: Capture, layer: int, mask_size: int) -> Arrays:
    """What an export holds of the part."""
    return {
        "tokens": Array(capture.token_ids, ('token',)),
        "token_text": Array(np.array(capture.token_text), ('token',)),
        "part2_next_ids": Array(capture.next_ids, ('guess',)),
        "part2_next_probability": Array(capture.next_probability, ('guess',)),
    }
