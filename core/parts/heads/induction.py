"""Induction heads: those that look at what came after the same token before.

Olsson et al. 2022, "In-context Learning and Induction Heads": on random tokens that are repeated once nothing but the
repetition can be learned from, so what a token of the second half gives to the token after its first occurrence tells
an induction head.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from core.attention.activations import Activations
from core.attention.distributions import SEED
from core.attention.layers import each_layer
from core.attention.scores import AttentionCall, score_blocks, softmax
from core.model.facts import LoadedModel
from core.parts.heads.overview import looking_back
from core.progress import Progress, silent

MOST = 50
"""Random tokens, before they are repeated."""


def repeated_tokens(vocabulary: int, positions: int) -> Int[ndarray, " token"]:
    """Random tokens of a vocabulary, all of them once more behind: as many as the model has room for, at most MOST."""
    half = np.random.default_rng(SEED).integers(0, vocabulary, min(MOST, positions // 2))
    return np.concatenate([half, half])


def induction_scores(activations: Activations, progress: Progress = silent) -> Float[ndarray, "layer head"]:
    """The mean of A[i, i − T/2 + 1] over the second half, i = T/2 … T − 1, of tokens that were repeated once.

    Raises ValueError for fewer than two tokens, or an odd number of them.
    """
    half, odd = divmod(activations.tokens, 2)
    if odd or not half:
        raise ValueError(f"{activations.tokens} tokens are no text and its repetition")
    scores = np.zeros((activations.layers, activations.heads))

    def add_layer(layer: int, call: AttentionCall) -> None:
        for block in score_blocks(call, masked=True):
            weights = softmax(block.scores, out=block.scores)
            scores[layer, block.heads] += looking_back(block, weights, half - 1, half) / half

    each_layer(activations, add_layer, progress)
    return scores


def measured_induction(loaded: LoadedModel, progress: Progress = silent) -> Float[ndarray, "layer head"]:
    """The induction score of every head of a model, by one pass over repeated random tokens."""
    from core.model.recording import forward  # imports torch

    facts = loaded.facts
    tokens = repeated_tokens(facts.vocabulary, facts.positions)
    return induction_scores(forward(loaded.model, tokens, facts.layers, 0).activations, progress)
