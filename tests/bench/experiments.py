"""Passes with something otherwise in them, at gpt2's shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import AutoModelForCausalLM
from transformers.utils import logging

from core.attention.intervention import Change, Intervention
from core.model.effects import says
from core.model.facts import LoadedModel
from core.model.loading import load
from core.model.tokens import tokenise
from core.parts.entropy.head_ranking import without
from tests.bench.medium import LENGTHS, small_folder, text_of
from tests.bench.rows import Measured
from tests.bench.timing import interleaved

RUNS = 3
"""Of each layer's heads; a row has as many runs of the whole ranking."""
MILLI = 1000


def measure() -> Iterator[Measured]:
    logging.disable_progress_bar()
    loaded, model = load(str(small_folder())), AutoModelForCausalLM.from_pretrained(small_folder(), dtype=torch.float32)
    token_ids = tokenise(loaded.tokenizer, text_of(min(LENGTHS)))
    batch = torch.from_numpy(token_ids)[None]

    def bare() -> Tensor:
        with torch.no_grad():
            return model(batch).logits

    def run(*interventions: Intervention) -> Callable[[], Any]:
        return lambda: list(says(loaded, token_ids, interventions))

    everywhere = (Change(divide="rootembedding"), Change(weights="textmean", heads=(0,)))
    note = f"{torch.get_num_threads()} threads"
    yield Measured("intervened", *interleaved(run(everywhere), bare, per_second=MILLI), note=note)
    yield ranking(loaded, run, bare)


def ranking(loaded: LoadedModel, run: Callable[..., Callable[[], Any]], bare: Callable[[], Tensor]) -> Measured:
    """All heads, layer by layer, each layer's run beside one bare pass; that pass times the heads is the reference."""
    heads, took, beside = loaded.facts.heads, np.zeros(RUNS), np.zeros(RUNS)
    for layer in range(loaded.facts.layers):
        ours, theirs = interleaved(run(*(without(layer, head, "zero") for head in range(heads))), bare, RUNS)
        took, beside = took + ours, beside + np.multiply(theirs, heads)
    return Measured("ranking", took.tolist(), beside.tolist(), note=f"{loaded.facts.layers * heads} heads")
