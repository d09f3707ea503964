"""What is known of a model, and a model that is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

LONGEST = 1024
"""Tokens run at most, whatever the model: GPT-2's positions; T × T maps of more would not fit a laptop."""


class Projection(NamedTuple):
    """One module of a layer that makes queries, keys or values; its output has the shape (1, T, width)."""

    name: str
    width: int


@dataclass(frozen=True)
class ModelFacts:
    """What part 2 says of a model. `embedding` is E, `head_width` is d; E = heads · d in GPT-2."""

    name: str
    revision: str
    """The commit on the hub, or `sha256:` and the first 12 digits of the weight file's hash for a folder."""
    shipped: bool
    family: str
    layers: int
    heads: int
    key_value_heads: int
    embedding: int
    head_width: int
    parameters: int
    positions: int
    """Positions that the model was built for, or LONGEST where it knows no bound."""
    vocabulary: int
    projections: tuple[Projection, ...]
    """GPT-2: one, (`transformer.h[i].attn.c_attn`, 3E), split into Q, K, V; other families: one or three."""
    largest_difference: float
    """Between weights recomputed from Q and K and the model's own, see `core.model.proof`."""


@dataclass(frozen=True)
class LoadedModel:
    """A causal language model in float32 whose attention passes through `core.model.recording`."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    facts: ModelFacts
