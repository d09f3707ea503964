"""What a model says of a text, as it is and with interventions: the next tokens, and the loss of every token.

A batch has an intervention in each row and is one row until the first layer that one of them changes, so that what
comes before is worked out once (the layers' input is repeated by a hook that goes when the pass ends).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from jaxtyping import Float, Int
from numpy import ndarray
from torch import Tensor

from core.attention.intervention import Intervention, check, first_layer
from core.model.facts import LoadedModel, ModelFacts
from core.model.said import Said
from core.model.seam import intervening
from core.model.tokens import visible_tokens
from core.threads import idle_cores

GUESSES = 5
MOST_LOGITS = 1 << 26
"""Logits held at once, 4 bytes each; one row of a batch may have more."""
MOST_ROWS = 16


def says(
    loaded: LoadedModel, token_ids: Int[ndarray, " token"], interventions: Sequence[Intervention]
) -> Iterator[tuple[int, Said]]:
    """What the model says with each of the interventions, as (place in the sequence, what it says), as they come.

    `()` is the model as it is. Those whose first changed layer is the same run together. Raises BadIntervention.
    """
    for intervention in interventions:
        check(intervention, loaded.facts.layers, loaded.facts.heads, len(token_ids))
    for places in batches(loaded.facts, len(token_ids), interventions):
        some = [interventions[place] for place in places]
        logits = run(loaded, token_ids, some, first_layer(some[0], loaded.facts.layers))
        for place, of_row in zip(places, logits, strict=True):
            yield place, said(loaded, token_ids, of_row)


def batches(facts: ModelFacts, tokens: int, interventions: Sequence[Intervention]) -> Iterator[list[int]]:
    """The places of those that run together, from the first layer that they change on; the lowest layers first."""
    rows = max(1, min(MOST_ROWS, MOST_LOGITS // (tokens * facts.vocabulary)))
    starts = [first_layer(intervention, facts.layers) for intervention in interventions]
    for start in sorted(set(starts)):
        places = [place for place, one in enumerate(starts) if one == start]
        for at in range(0, len(places), rows):
            yield places[at : at + rows]


def run(
    loaded: LoadedModel, token_ids: Int[ndarray, " token"], interventions: Sequence[Intervention], start: int
) -> Float[Tensor, "batch token vocabulary"]:
    """One pass, with the logits of every position; nothing is changed before layer `start`."""
    torch.set_num_threads(idle_cores())
    token = intervening.set(tuple(interventions) if any(interventions) else ())
    try:
        with torch.inference_mode(), repeated(loaded, start, len(interventions)):
            batch = torch.from_numpy(token_ids)[None].to(loaded.model.device)
            return loaded.model(input_ids=batch, use_cache=False).logits
    finally:
        intervening.reset(token)


@contextmanager
def repeated(loaded: LoadedModel, layer: int, rows: int) -> Iterator[None]:
    """Within it the batch of one becomes one of so many rows where it enters a layer; nothing is done for one row."""

    def repeat(_: Any, inputs: tuple[Any, ...], named: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        if inputs:
            return (inputs[0].expand(rows, -1, -1), *inputs[1:]), named
        return inputs, named | {"hidden_states": named["hidden_states"].expand(rows, -1, -1)}

    if rows == 1:
        yield
        return
    stack = next(
        one
        for one in loaded.model.base_model.modules()
        if isinstance(one, torch.nn.ModuleList) and len(one) == loaded.facts.layers
    )
    hook = stack[min(layer, len(stack) - 1)].register_forward_pre_hook(repeat, with_kwargs=True)
    try:
        yield
    finally:
        hook.remove()


def said(loaded: LoadedModel, token_ids: Int[ndarray, " token"], logits: Float[Tensor, "token vocabulary"]) -> Said:
    """Of the logits of one run."""
    logits = logits.float()
    targets = torch.from_numpy(token_ids[1:]).to(logits.device)
    losses = torch.nn.functional.cross_entropy(logits[:-1], targets, reduction="none")
    probability = logits[-1].softmax(dim=-1)
    most, ids = probability.topk(min(GUESSES, len(probability)))
    next_ids = ids.numpy(force=True)
    values = (most, losses, probability)
    next_probability, of_tokens, of_all = (one.numpy(force=True) for one in values)
    return Said(next_ids, visible_tokens(loaded.tokenizer, next_ids), next_probability, of_tokens, of_all)
