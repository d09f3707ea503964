"""One forward pass over a text, with everything that attention was given on the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float32, Int
from numpy import ndarray
from transformers import PreTrainedModel

from core.activations import Activations
from core.heap import heap_kept
from core.seam import AllRecorded, NotShown, Recorder, recording_into
from core.threads import idle_cores


@contextmanager
def last_position_only(model: PreTrainedModel, layers: int) -> Iterator[None]:
    """Within it the last layer's perceptron sees the last position only, if the architecture calls it `mlp`.

    Its one row is added to the row of every position; from there on each is worked out by itself, and all but the last
    are left. A perceptron that is given more than its input, such as a choice of experts, is left alone.
    """

    def last(_: torch.nn.Module, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
        return ((inputs[0][:, -1:],), options) if len(inputs) == 1 and not options else None

    perceptrons = [module for name, module in model.named_modules() if name.endswith(f".{layers - 1}.mlp")]
    hooks = [mlp.register_forward_pre_hook(last, with_kwargs=True) for mlp in perceptrons]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


class Recorded(NamedTuple):
    activations: Activations
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
    token = recording_into.set(recorder)
    try:
        kept, last_only = heap_kept(len(token_ids)), last_position_only(model, layers)
        with torch.inference_mode(), suppress(AllRecorded), kept, last_only:
            batch = torch.from_numpy(token_ids)[None].to(model.device)
            logits = model(input_ids=batch, use_cache=False, logits_to_keep=1).logits[0, -1]
            next_probability, next_ids = logits.float().softmax(dim=-1).topk(min(guesses, len(logits)))
    finally:
        recording_into.reset(token)
    if not recorder.seen:
        raise NotShown("keeps its queries and keys where the lab cannot see them")
    if recorder.seen != set(range(layers)):
        raise NotShown(f"has queries and keys that the lab can see in {len(recorder.seen)} of its {layers} layers only")
    query, key, value = recorder.stacks
    rules = (recorder.scale, recorder.softcap, np.stack(recorder.masks), recorder.mask_of_layer)
    return Recorded(
        Activations(recorder.heads, query, key, value, *rules),
        next_ids.numpy(force=True),
        next_probability.numpy(force=True),
    )
