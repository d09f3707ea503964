"""The nine parts by name, and the arrays that an export holds.

| part | functions |
| --- | --- |
| 1 | `scaling`, `saturation` |
| 2 | `tokens` |
| 3 | `heads` |
| 4 | `raw_score_samples` |
| 5 | `raw_scores_by_layer` |
| 6 | `score_distributions` |
| 7 | `masking`, `attention`, `head_maps` |
| 8 | `attention_by_layer` |
| 9 | `averaging`, `group_means` |

Each takes a Capture (part 1, the mask and the group means need none) and settings, and gives a NamedTuple
of everything that its pictures show.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from core.all_layers import (
    AttentionByLayer,
    RawScoresByLayer,
    ScoreDistributions,
    attention_by_layer,
    raw_scores_by_layer,
    score_distributions,
    silent,
)
from core.averaging import NORMALISATIONS, Averaging, GroupMeans, Normalisation, averaging, group_means
from core.capture import Capture, ModelFacts
from core.model_words import mask_words, scale_sign
from core.one_layer import (
    MASK_SIZE,
    Activation,
    Attention,
    CausalMask,
    HeadMaps,
    Heads,
    RawScores,
    attention,
    head_maps,
    heads,
    masking,
    raw_score_samples,
)
from core.progress import Progress
from core.scaling import Saturation, Scaling, saturation, scaling

__all__ = [
    "MASK_SIZE",
    "NORMALISATIONS",
    "Activation",
    "Attention",
    "AttentionByLayer",
    "Averaging",
    "CausalMask",
    "GroupMeans",
    "HeadMaps",
    "Heads",
    "Normalisation",
    "RawScores",
    "RawScoresByLayer",
    "Saturation",
    "Scaling",
    "ScoreDistributions",
    "Tokens",
    "attention",
    "attention_by_layer",
    "averaging",
    "default_layer",
    "group_means",
    "head_maps",
    "heads",
    "masking",
    "raw_score_samples",
    "raw_scores_by_layer",
    "saturation",
    "scaling",
    "score_distributions",
    "study_arrays",
    "tokens",
]


def default_layer(layers: int) -> int:
    """The study's layer 6 of 24, at the same depth of another model: round(6/23 · (L − 1))."""
    return round(6 / 23 * (layers - 1))


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


def study_arrays(
    capture: Capture, layer: int, mask_size: int = MASK_SIZE, progress: Progress = silent
) -> dict[str, ndarray]:
    """All arrays of an export by name, controls other than layer and mask size at their defaults.

    `progress` is told the share of the nine parts that are done.
    """
    arrays: dict[str, ndarray] = {}
    for part, named in enumerate(_arrays_by_part(capture, layer, mask_size), start=1):
        arrays |= {f"part{part}_{name}": array for name, array in named.items()}
        progress(part / 9)
    return {"tokens": capture.token_ids, "token_text": np.array(capture.token_text), **arrays}


def _arrays_by_part(capture: Capture, layer: int, mask_size: int) -> Iterator[dict[str, ndarray]]:
    """Each part's arrays by what follows `partN_` in their names, part 1 first."""
    one = scaling()
    yield {"sizes": one.sizes, "std_raw": one.std_raw, "std_scaled": one.std_scaled, "theory": one.theory_raw}
    yield {"next_ids": capture.next_ids, "next_probability": capture.next_probability}
    yield {"query_heads": heads(capture, layer).heads}
    four = raw_score_samples(capture, layer)
    yield {"within": four.within.values, "across": four.across.values}
    five = raw_scores_by_layer(capture)
    yield {"edges": five.within.edges, "within": five.within.density, "across": five.across.density}
    six = score_distributions(capture)
    yield {
        "mean": six.mean,
        "std": six.sd,
        "raw_edges": six.raw.edges,
        "raw_density": six.raw.density,
        "softmax_edges": six.softmax.edges,
        "softmax_density": six.softmax.density,
    }
    mask, seven = masking(mask_size), attention(capture, layer)
    yield {
        "mask_binary": mask.binary,
        "mask_causal": mask.causal,
        "mask_softmax": mask.softmax,
        "final_to_previous": seven.final_to_previous.values,
        "self": seven.self_attention.values,
        "first_to_self": seven.first_to_self.values,
    }
    eight = attention_by_layer(capture).density
    yield {"edges": eight.edges, "density": eight.density}
    nine = averaging(capture, layer)
    yield {"all_heads": nine.all_heads, "per_head_mean": nine.per_head_mean}
