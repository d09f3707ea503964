"""The one seam that transformers' architectures share: an attention function that keeps what it is given.

`AttentionInterface` maps a name to the function that a layer calls with its query, key and value; a model
loaded with `attn_implementation=RECORDED` calls the one below, which records and goes on to the usual one.
See https://huggingface.co/docs/transformers/attention_interface.
"""

from __future__ import annotations

from contextvars import ContextVar
from functools import lru_cache
from typing import Any, cast

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32
from numpy import ndarray
from torch import Tensor
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

from core.attention.intervention import Intervention, Rule, in_layer
from core.model.changed import changed_attention

RECORDED = "recorded"  # no “sdpa” in it: transformers would ask whether the family has torch's own attention


class AllRecorded(Exception):
    """The last layer's activations have come, and nothing that comes after them is wanted."""


class NotShown(Exception):
    """The model's attention is of a kind that the lab does not show; the message ends a sentence on the model."""


class Recorder:
    """Copies each layer's activations, from whatever device they are on, into three arrays (L, T, H·d).

    With `stop` it ends the forward pass by AllRecorded as soon as it has them all.
    """

    def __init__(self, layers: int, stop: bool):
        self.layers, self.stop, self.heads = layers, stop, 0
        self.stacks: list[Float32[ndarray, "layer token embedding"]] = []
        self.seen: set[int] = set()
        self.scale, self.softcap = np.ones(layers), np.full(layers, np.inf)
        self.masks: list[Bool[ndarray, "query key"]] = []
        self.mask_of_layer = np.zeros(layers, np.int64)

    def take(self, layer: int, *activations: Float[Tensor, "1 _ token _"]) -> None:
        """One layer's queries, keys and values; keys and values may have fewer heads, each shared by several.

        Raises NotShown where layers differ in shape, or come twice.
        """
        if layer in self.seen:
            raise NotShown("calls its attention more than once in a layer")
        heads, tokens = activations[0].shape[1:3]
        shapes = [(self.layers, tokens, heads * activation.shape[3]) for activation in activations]
        if not self.stacks:
            self.heads = heads
            self.stacks = [np.empty(shape, np.float32) for shape in shapes]  # numpy asks for large pages of memory
        elif heads != self.heads or shapes != [stack.shape for stack in self.stacks]:
            raise NotShown("has heads of another number or width in some layers than in others")
        for stack, activation in zip(self.stacks, activations, strict=True):
            sharing = self.heads // activation.shape[1]
            by_head = activation[0].repeat_interleave(sharing, dim=0) if sharing > 1 else activation[0]
            torch.from_numpy(stack[layer]).unflatten(-1, (self.heads, -1)).copy_(by_head.transpose(0, 1))  # (T, H, d)

    def take_rule(self, layer: int, scale: float, softcap: float | None, visible: Bool[ndarray, "query key"]) -> None:
        """How the layer makes weights of its queries and keys. Ends the pass, if so told, after the last layer."""
        self.scale[layer], self.softcap[layer] = scale, softcap or np.inf
        known = [at for at, mask in enumerate(self.masks) if mask is visible or np.array_equal(mask, visible)]
        if not known:
            self.masks.append(visible)
        self.mask_of_layer[layer] = known[0] if known else len(self.masks) - 1
        self.seen.add(layer)
        if self.stop and len(self.seen) == self.layers:
            raise AllRecorded


recording_into: ContextVar[Recorder | None] = ContextVar("recorder", default=None)  # its own in every thread
intervening: ContextVar[tuple[Intervention, ...]] = ContextVar("interventions", default=())
"""What is otherwise in each row of the batch; empty where nothing is."""


def recorded_attention(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,  # as transformers calls it: some families name it
    **options: Any,
) -> tuple[Tensor, None]:
    recorder, interventions, softcap = recording_into.get(), intervening.get(), options.get("softcap")
    if recorder is None and not interventions and softcap is None:
        return sdpa_attention_forward(module, query, key, value, attention_mask, **options)
    for name, words in OTHER_KINDS.items():
        if options.get(name) is not None:
            raise NotShown(words)
    scale = float(options.get("scaling") or query.shape[-1] ** -0.5)
    causal = options.get("is_causal")
    causal = getattr(module, "is_causal", True) if causal is None else causal
    own = Rule(query.shape[-1], scale, visible_keys(attention_mask, causal, query.shape[2], key.shape[2]))
    layer = cast(int, module.layer_idx)
    changes = [in_layer(intervention, layer) for intervention in interventions]
    if recorder is not None:
        rule = own.changed(changes[0], query.shape[1]) if changes else own
        recorder.take(layer, query, key, value)
        recorder.take_rule(layer, rule.scale, softcap, rule.visible)
    if any(not own.is_kept_by(of_row, query.shape[1]) for of_row in changes):
        return changed_attention(query, key, value, own, softcap, changes, layer), None
    if softcap is not None:
        return capped_attention(query, key, value, scale, softcap, own.visible), None
    return sdpa_attention_forward(module, query, key, value, attention_mask, **options)


OTHER_KINDS = {
    "s_aux": "adds a sink to every softmax, so that the weights of its tokens do not add up to 1",
    "position_bias": "adds a bias of its own to its scores, beside the mask",
}
"""Options that change weights in a way that no Capture holds, and what a model with them does."""


def visible_keys(mask: Tensor | None, causal: bool, queries: int, keys: int) -> Bool[ndarray, "query key"]:
    """The keys that each query may see, from what transformers gives to `scaled_dot_product_attention`.

    Raises NotShown where that is more than a choice of keys: a bias, another choice for every head.
    """
    if mask is None:
        return all_or_earlier(causal, queries, keys)
    if mask.shape[1] > 1 and not (mask == mask[:, :1]).all():
        raise NotShown("has another mask or bias for every head")
    of_all = mask[0, 0, :, :keys].numpy(force=True)
    if of_all.dtype == bool:
        return np.broadcast_to(of_all, (queries, keys)).copy()
    hidden = of_all <= np.finfo(of_all.dtype).min / 2  # −∞, or the smallest number that there is
    if of_all[~hidden].any():
        raise NotShown(OTHER_KINDS["position_bias"])
    return np.broadcast_to(~hidden, (queries, keys)).copy()


@lru_cache(maxsize=2)
def all_or_earlier(causal: bool, queries: int, keys: int) -> Bool[ndarray, "query key"]:
    """Every key, or if causal those on and below the diagonal; the same array for all layers of a pass."""
    every = np.ones((queries, keys), bool)
    return np.tril(every) if causal else every


def capped_attention(
    query: Float[Tensor, "batch head token width"],
    key: Float[Tensor, "batch shared token width"],
    value: Float[Tensor, "batch shared token value_width"],
    scale: float,
    softcap: float,
    visible: Bool[ndarray, "query key"],
) -> Float[Tensor, "batch token head value_width"]:
    """Attention with soft-capped scores (Gemma Team 2024, "Gemma 2", section 2), which torch's own does not know."""
    groups = query.shape[1] // key.shape[1]
    key, value = (shared.repeat_interleave(groups, dim=1) for shared in (key, value))
    scores = query @ key.transpose(-1, -2) * scale  # (batch, H, T, T)
    scores = torch.tanh(scores / softcap) * softcap
    hidden = torch.from_numpy(~visible).to(scores.device)
    return (scores.masked_fill(hidden, -torch.inf).softmax(dim=-1) @ value).transpose(1, 2).contiguous()


AttentionInterface.register(RECORDED, recorded_attention)
AttentionMaskInterface.register(RECORDED, sdpa_mask)
