"""The proof that the weights on show are the model's own: one text through the seam and through eager attention."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy import ndarray
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from core.attention.activations import Activations
from core.attention.scores import softmax
from core.model.seam import RECORDED, NotShown
from core.model.tokens import tokenise

PROBE = "One cat sees another cat."
PROBE_TOKENS = 6
"""As many as GPT-2 makes of PROBE; a tokenizer that cuts finer would make loading slower."""
AGREES = 1e-4
"""The largest difference between two weights, each from 0 to 1, that rounding may explain."""


def probe(tokenizer: PreTrainedTokenizerBase) -> Int[ndarray, " token"]:
    """The first tokens of PROBE; token 0 for a tokenizer that finds none in it."""
    found = tokenise(tokenizer, PROBE)[:PROBE_TOKENS]
    return found if len(found) else np.array([0])


def largest_difference(model: PreTrainedModel, token_ids: Int[ndarray, " token"], recorded: Activations) -> float:
    """Between the weights that follow from what was recorded of a text and the model's own, over all layers and heads.

    Raises NotShown where they do not agree, or where the model does not tell its weights.
    """
    own = own_weights(model, token_ids)
    if len(own) != recorded.layers:
        raise NotShown("does not tell its attention weights, so that what the lab shows cannot be compared with them")
    apart = 0.0
    for layer, weights in enumerate(own):
        call = recorded.call(layer)
        shown = softmax(call.raw_scores(call.query, call.key) + call.mask)
        if weights.shape != shown.shape:
            raise NotShown("has attention weights of another shape than its queries and keys give")
        apart = np.maximum(apart, np.abs(shown - weights).max())  # a NaN stays one
    if not apart <= AGREES:
        raise NotShown(f"has attention weights that do not follow from its queries and keys (off by {apart:.2g})")
    return float(apart)


def own_weights(model: PreTrainedModel, token_ids: Int[ndarray, " token"]) -> list[Float[ndarray, "head query key"]]:
    """The attention weights of each layer as the model's own code works them out; empty where it does not tell.

    Without the language-model head, which would take a third of the time of gpt2's shape.
    """
    model.set_attn_implementation("eager")
    try:
        with torch.inference_mode():
            batch = torch.from_numpy(token_ids)[None].to(model.device)
            given = model.base_model(input_ids=batch, use_cache=False, output_attentions=True).attentions
    finally:
        model.set_attn_implementation(RECORDED)
    return [weights[0].float().numpy(force=True) for weights in given or () if weights is not None]
