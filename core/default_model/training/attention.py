"""What each head does, in five numbers: the head table of the card."""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor
from transformers import PreTrainedModel


class HeadTable(NamedTuple):
    """Means over the query tokens of a text; each is (layer, head). The induction score has a text of its own."""

    first_token: Float[Tensor, "layer head"]
    previous_token: Float[Tensor, "layer head"]
    itself: Float[Tensor, "layer head"]
    entropy: Float[Tensor, "layer head"]  # as a share of the largest one possible, ln(i + 1) for query i
    induction: Float[Tensor, "layer head"]


@torch.inference_mode()
def attention_weights(model: PreTrainedModel, ids: Int[Tensor, "text token"]) -> Float[Tensor, "layer text head T T"]:
    """The softmax weights of every head, rows queries and columns keys; `model` must have eager attention."""
    return torch.stack(model(ids, output_attentions=True).attentions)


def head_table(model: PreTrainedModel, ids: Int[Tensor, "text token"], *, seed: int = 0) -> HeadTable:
    """The five numbers of each head of `model` on the texts `ids`, query tokens from 1 on.

    The induction score is that of Olsson et al. 2022: on random tokens repeated once, the mean weight that a token
    of the second half gives to the token after its own first appearance.
    """
    weights = attention_weights(model, ids)
    tokens = weights.shape[-1]
    rows = torch.arange(1, tokens)
    entropy = torch.special.entr(weights[..., 1:, :]).sum(-1) / torch.log(rows + 1)
    return HeadTable(
        first_token=weights[..., rows, 0].mean(dim=(1, 3)),
        previous_token=weights[..., rows, rows - 1].mean(dim=(1, 3)),
        itself=weights[..., rows, rows].mean(dim=(1, 3)),
        entropy=entropy.mean(dim=(1, 3)),
        induction=induction_scores(model, seed=seed),
    )


def induction_scores(
    model: PreTrainedModel, *, texts: int = 16, run: int = 50, seed: int = 0
) -> Float[Tensor, "layer head"]:
    """The induction score of each head on `texts` runs of random tokens, each repeated once.

    A run has `run` tokens, or half of the model's positions where those are fewer.
    """
    run = min(run, model.config.n_positions // 2)
    generator = torch.Generator().manual_seed(seed)
    first = torch.randint(1, model.config.vocab_size, (texts, run), generator=generator)
    weights = attention_weights(model, first.repeat(1, 2))
    rows = torch.arange(run, 2 * run)
    return weights[..., rows, rows - run + 1].mean(dim=(1, 3))
