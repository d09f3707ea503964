"""The one seam that transformers' architectures share: an attention function that keeps what it is given.

`AttentionInterface` maps a name to the function that a layer calls with its query, key and value; a model
loaded with `attn_implementation=RECORDED` calls the one below, which records and goes on to the usual one.
See https://huggingface.co/docs/transformers/attention_interface.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, NamedTuple, cast

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32, Int
from numpy import ndarray
from torch import Tensor
from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedModel
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

from core.heap import heap_kept
from core.threads import idle_cores

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

    def take(self, layer: int, *activations: Float[Tensor, "1 head token width"]) -> None:
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
        known = [at for at, mask in enumerate(self.masks) if np.array_equal(mask, visible)]
        if not known:
            self.masks.append(visible)
        self.mask_of_layer[layer] = known[0] if known else len(self.masks) - 1
        self.seen.add(layer)
        if self.stop and len(self.seen) == self.layers:
            raise AllRecorded


_recorder: ContextVar[Recorder | None] = ContextVar("recorder", default=None)  # its own in every thread


def recorded_attention(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,  # as transformers calls it: some families name it
    **options: Any,
) -> tuple[Tensor, None]:
    recorder = _recorder.get()
    if recorder is not None:
        layer = cast(int, module.layer_idx)
        recorder.take(layer, query, key, value)
        for name, words in OTHER_KINDS.items():
            if options.get(name) is not None:
                raise NotShown(words)
        scale = options.get("scaling") or query.shape[-1] ** -0.5
        causal = options.get("is_causal")
        causal = getattr(module, "is_causal", True) if causal is None else causal
        visible = visible_keys(attention_mask, causal, query.shape[2], key.shape[2])
        recorder.take_rule(layer, float(scale), options.get("softcap"), visible)
    if options.get("softcap") is not None:
        return capped_attention(module, query, key, value, attention_mask, **options), None
    return sdpa_attention_forward(module, query, key, value, attention_mask, **options)


OTHER_KINDS = {
    "s_aux": "adds a sink to every softmax, so that the weights of its tokens do not add up to 1",
    "position_bias": "adds a bias to its scores that depends on how far apart two tokens are",
}
"""Options that change weights in a way that no Capture holds, and what a model with them does."""


def visible_keys(mask: Tensor | None, causal: bool, queries: int, keys: int) -> Bool[ndarray, "query key"]:
    """The keys that each query may see, from what transformers gives to `scaled_dot_product_attention`.

    Raises NotShown where that is more than a choice of keys: a bias, another choice for every head.
    """
    if mask is None:
        everything = np.ones((queries, keys), bool)
        return np.tril(everything) if causal else everything
    if mask.shape[1] > 1 and not (mask == mask[:, :1]).all():
        raise NotShown("has another mask or bias for every head")
    of_all = mask[0, 0, :, :keys].numpy(force=True)
    if of_all.dtype == bool:
        return np.broadcast_to(of_all, (queries, keys)).copy()
    hidden = of_all <= np.finfo(of_all.dtype).min / 2  # −∞, or the smallest number that there is
    if of_all[~hidden].any():
        raise NotShown(OTHER_KINDS["position_bias"])
    return np.broadcast_to(~hidden, (queries, keys)).copy()


def capped_attention(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None,
    *,
    softcap: float,
    scaling: float | None = None,
    **_: Any,
) -> Tensor:
    """Attention with soft-capped scores (Gemma Team 2024, "Gemma 2", section 2), which torch's own does not know."""
    groups = query.shape[1] // key.shape[1]
    key, value = (shared.repeat_interleave(groups, dim=1) for shared in (key, value))
    scores = query @ key.transpose(-1, -2) * (scaling or query.shape[-1] ** -0.5)  # (1, H, T, T)
    scores = torch.tanh(scores / softcap) * softcap
    visible = visible_keys(mask, getattr(module, "is_causal", True), query.shape[2], key.shape[2])
    hidden = torch.from_numpy(~visible).to(scores.device)
    return (scores.masked_fill(hidden, -torch.inf).softmax(dim=-1) @ value).transpose(1, 2).contiguous()


AttentionInterface.register(RECORDED, recorded_attention)
AttentionMaskInterface.register(RECORDED, sdpa_mask)


@contextmanager
def last_position_only(model: PreTrainedModel, layers: int) -> Iterator[None]:
    """Within it the last layer's perceptron sees the last position only, if the architecture calls it `mlp`.

    Its one row is added to the row of every position; from there on each is worked out by itself, and all but the last
    are left.
    """
    perceptrons = [module for name, module in model.named_modules() if name.endswith(f".{layers - 1}.mlp")]
    hooks = [mlp.register_forward_pre_hook(lambda _, inputs: (inputs[0][:, -1:], *inputs[1:])) for mlp in perceptrons]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


class Recorded(NamedTuple):
    query: Float32[ndarray, "layer token embedding"]
    key: Float32[ndarray, "layer token embedding"]
    value: Float32[ndarray, "layer token embedding"]
    heads: int
    scale: Float[ndarray, " layer"]
    softcap: Float[ndarray, " layer"]
    masks: Bool[ndarray, "mask query key"]
    mask_of_layer: Int[ndarray, " layer"]
    next_ids: Int[ndarray, " guess"]
    next_probability: Float32[ndarray, " guess"]


def forward(model: PreTrainedModel, token_ids: Int[ndarray, " token"], layers: int, guesses: int) -> Recorded:
    """One forward pass over the tokens, on the model's device; what it gives is on the processor.

    The last layer's perceptron and the language-model head are run for the last position only. Without guesses the
    pass ends where the last layer's attention begins. The only place where torch computes, on the cores that are idle
    as it begins. Raises NotShown for attention of another kind, and where a layer has not come by the seam.
    """
    torch.set_num_threads(idle_cores())
    recorder = Recorder(layers, stop=not guesses)
    next_ids, next_probability = torch.empty(0, dtype=torch.int64), torch.empty(0)
    token = _recorder.set(recorder)
    try:
        kept, last_only = heap_kept(len(token_ids)), last_position_only(model, layers)
        with torch.inference_mode(), suppress(AllRecorded), kept, last_only:
            batch = torch.from_numpy(token_ids)[None].to(model.device)
            logits = model(input_ids=batch, use_cache=False, logits_to_keep=1).logits[0, -1]
            next_probability, next_ids = logits.float().softmax(dim=-1).topk(min(guesses, len(logits)))
    finally:
        _recorder.reset(token)
    if not recorder.seen:
        raise NotShown("keeps its queries and keys where the lab cannot see them")
    if recorder.seen != set(range(layers)):
        raise NotShown(f"has queries and keys that the lab can see in {len(recorder.seen)} of its {layers} layers only")
    query, key, value = recorder.stacks
    return Recorded(
        query,
        key,
        value,
        recorder.heads,
        recorder.scale,
        recorder.softcap,
        np.stack(recorder.masks),
        recorder.mask_of_layer,
        next_ids.numpy(force=True),
        next_probability.numpy(force=True),
    )
