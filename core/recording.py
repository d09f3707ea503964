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
from jaxtyping import Float, Float32, Int
from numpy import ndarray
from torch import Tensor
from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedModel
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

from core.heap import heap_kept
from core.threads import idle_cores

RECORDED = "recorded_sdpa"


class AllRecorded(Exception):
    """The last layer's activations have come, and nothing that comes after them is wanted."""


class Recorder:
    """Copies each layer's activations, from whatever device they are on, into three arrays (L, T, H·d).

    With `stop` it ends the forward pass by AllRecorded as soon as it has them all.
    """

    def __init__(self, layers: int, stop: bool):
        self.layers, self.stop, self.heads = layers, stop, 0
        self.stacks: list[Float32[ndarray, "layer token embedding"]] = []
        self.seen: set[int] = set()

    def take(self, layer: int, *activations: Float[Tensor, "1 head token width"]) -> None:
        """One layer's queries, keys and values; keys and values may have fewer heads, each shared by several."""
        self.heads, tokens = activations[0].shape[1:3]
        if not self.stacks:
            shapes = [(self.layers, tokens, self.heads * activation.shape[3]) for activation in activations]
            self.stacks = [np.empty(shape, np.float32) for shape in shapes]  # numpy asks for large pages of memory
        for stack, activation in zip(self.stacks, activations, strict=True):
            sharing = self.heads // activation.shape[1]
            by_head = activation[0].repeat_interleave(sharing, dim=0) if sharing > 1 else activation[0]
            torch.from_numpy(stack[layer]).unflatten(-1, (self.heads, -1)).copy_(by_head.transpose(0, 1))  # (T, H, d)
        self.seen.add(layer)
        if self.stop and len(self.seen) == self.layers:
            raise AllRecorded


_recorder: ContextVar[Recorder | None] = ContextVar("recorder", default=None)  # its own in every thread


def recorded_sdpa(
    module: torch.nn.Module, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, **options: Any
) -> tuple[Tensor, None]:
    recorder = _recorder.get()
    if recorder is not None:
        recorder.take(cast(int, module.layer_idx), query, key, value)
    return sdpa_attention_forward(module, query, key, value, mask, **options)


AttentionInterface.register(RECORDED, recorded_sdpa)
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
    next_ids: Int[ndarray, " guess"]
    next_probability: Float32[ndarray, " guess"]


def forward(model: PreTrainedModel, token_ids: Int[ndarray, " token"], layers: int, guesses: int) -> Recorded:
    """One forward pass over the tokens, on the model's device; what it gives is on the processor.

    The last layer's perceptron and the language-model head are run for the last position only. Without guesses the
    pass ends where the last layer's attention begins. The only place where torch computes, on the cores that are idle
    as it begins. Raises RuntimeError where a layer has not come by the seam.
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
    if recorder.seen != set(range(layers)):
        raise RuntimeError(f"recorded layers {sorted(recorder.seen)} of {layers}")
    query, key, value = recorder.stacks
    return Recorded(query, key, value, recorder.heads, next_ids.numpy(force=True), next_probability.numpy(force=True))
