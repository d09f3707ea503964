"""Attention with an intervention: what the seam calls in the layers that one changes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from core.attention.intervention import Change, Intervention, Rule


def changed_attention(
    query: Float[Tensor, "batch head token width"],
    key: Float[Tensor, "batch shared token width"],
    value: Float[Tensor, "batch shared token value_width"],
    own: Rule,
    softcap: float | None,
    changes: Sequence[Intervention],
    layer: int,
) -> Float[Tensor, "batch token head value_width"]:
    """softmax(softcap(scale · Q Kᵀ) + M) V with the changes of this layer, those of each row of the batch.

    The weights are worked out as such, (batch, H, T, T), as changes are made to them.
    """
    groups = query.shape[1] // key.shape[1]
    key, value = (shared.repeat_interleave(groups, dim=1) for shared in (key, value))
    scores = query @ key.transpose(-1, -2)
    for row, of_row in zip(scores, changes, strict=True):
        make_weights(row, own, softcap, of_row, layer)
    return (scores @ value).transpose(1, 2).contiguous()


def make_weights(
    scores: Float[Tensor, "head query key"],
    own: Rule,
    softcap: float | None,
    changes: Intervention,
    layer: int,
) -> None:
    """Make weights of products, in their place. Of two changes of a kind the later one counts where both are."""
    heads, queries, _ = scores.shape
    scale = scores.new_full((heads, queries, 1), own.scale)
    hidden = torch.from_numpy(~own.visible).to(scores.device).repeat(heads, 1, 1)
    for change in changes:
        at = places(change, scores)
        if change.divide is not None:
            scale[at] = change.scale(heads, own.width)
        if change.mask is not None:
            hidden[at] = torch.from_numpy(~change.visible(own.visible)).to(scores.device)[at[1]]
    scores *= scale
    if softcap is not None:
        scores.copy_(torch.tanh(scores / softcap) * softcap)
    for change in changes:
        if change.scores is not None:
            give(scores, change, layer)
    scores.masked_fill_(hidden, -torch.inf)
    scores.copy_(scores.softmax(dim=-1))
    for change in changes:
        if change.weights is not None:
            at = places(change, scores)
            scores[at] = set_to(scores, change)[at]


def places(
    change: Change, of: Float[Tensor, "head query key"]
) -> tuple[Int[Tensor, "chosen_head 1"], Int[Tensor, "1 chosen_query"]]:
    """An index of the heads and queries of a change."""
    numbers = ((change.heads, of.shape[0]), (change.queries, of.shape[1]))
    heads, queries = (torch.arange(count) if some is None else torch.tensor(some) for some, count in numbers)
    return heads[:, None].to(of.device), queries[None].to(of.device)


def set_to(weights: Float[Tensor, "head query key"], change: Change) -> Float[Tensor, "head query key"]:
    """What the weights of all heads and queries would be set to."""
    if change.weights == "zero":
        return torch.zeros_like(weights)
    if change.weights == "textmean":
        return weights.mean(dim=1, keepdim=True).expand_as(weights)
    if change.weights == "headmean":
        return weights.mean(dim=0, keepdim=True).expand_as(weights)
    return weights[:, change.row, None].expand_as(weights)


def give(scores: Float[Tensor, "head query key"], change: Change, layer: int) -> None:
    """Put given scores in the place of the run's own."""
    assert change.scores is not None
    at = places(change, scores)
    given = torch.from_numpy(np.ascontiguousarray(change.scores.of_layer[layer])).to(scores.device, scores.dtype)
    scores[at] = torch.where(given.isnan(), scores, given)[at]
