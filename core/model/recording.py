"""One forward pass over a text, with everything that attention was given on the way."""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float32, Int
from numpy import ndarray
from transformers import PreTrainedModel

from core.attention.activations import Activations
from core.attention.intervention import UNCHANGED, Intervention
from core.model.seam import AllRecorded, NotShown, Recorder, intervening, recording_into
from core.threads import idle_cores


class Recorded(NamedTuple):
    activations: Activations
    next_ids: Int[ndarray, " guess"]
    next_probability: Float32[ndarray, " guess"]


def forward(
    model: PreTrainedModel,
    token_ids: Int[ndarray, " token"],
    layers: int,
    guesses: int,
    intervention: Intervention = UNCHANGED,
) -> Recorded:
    """One forward pass over the tokens, on the model's device; what it gives is on the processor.

    The language-model head is run for the last position only. Without guesses the pass ends where the last layer's
    attention begins. Torch computes on the cores that are idle as it begins. Raises NotShown for attention of another
    kind, and where a layer has not come by the seam.
    """
    torch.set_num_threads(idle_cores())
    recorder = Recorder(layers, stop=not guesses)
    next_ids, next_probability = torch.empty(0, dtype=torch.int64), torch.empty(0)
    token, changed = recording_into.set(recorder), intervening.set((intervention,) if intervention else ())
    try:
        with torch.inference_mode(), suppress(AllRecorded):
            batch = torch.from_numpy(token_ids)[None].to(model.device)
            logits = model(input_ids=batch, use_cache=False, logits_to_keep=1).logits[0, -1]
            next_probability, next_ids = logits.float().softmax(dim=-1).topk(min(guesses, len(logits)))
    finally:
        recording_into.reset(token)
        intervening.reset(changed)
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
