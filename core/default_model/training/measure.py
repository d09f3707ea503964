"""How well a trained model predicts and writes: its loss, two baselines that count, sampled continuations."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Int
from numpy import ndarray
from torch import Tensor
from transformers import GPT2LMHeadModel, PreTrainedModel, PreTrainedTokenizerFast

CONTINUATION = 60  # tokens


def load(folder: Path) -> tuple[GPT2LMHeadModel, PreTrainedTokenizerFast]:
    """The model in `folder`, float32, with attention weights to be had."""
    model = GPT2LMHeadModel.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", use_safetensors=True
    )
    return model.eval(), PreTrainedTokenizerFast.from_pretrained(folder)


@torch.inference_mode()
def text_loss(model: PreTrainedModel, ids: Int[ndarray, "token"], *, at_once: int = 16) -> float:
    """Nats per token of a text, in windows of the model's positions; one's last token is the next one's first."""
    length = model.config.n_positions
    total = 0.0
    whole = (len(ids) - 1) // length
    windows = [ids[place * length : (place + 1) * length + 1] for place in range(whole)]
    groups = [np.stack(windows[first : first + at_once]) for first in range(0, whole, at_once)]
    if (len(ids) - 1) % length:
        groups.append(ids[None, whole * length :])
    for group in groups:
        tokens = torch.from_numpy(group.astype(np.int64))
        logits = model(tokens[:, :-1]).logits
        total += torch.nn.functional.cross_entropy(
            logits.flatten(0, 1), tokens[:, 1:].flatten(), reduction="sum"
        ).item()
    return total / (len(ids) - 1)


class Baselines(NamedTuple):
    """Nats per token of two models that count, with the same tokenizer."""

    unigram: float
    bigram: float


def baselines(training: Int[ndarray, "token"], validation: Int[ndarray, "token"], vocabulary: int) -> Baselines:
    """Unigram (add one) and bigram losses; the bigram is smoothed by Witten and Bell's method C (1991)."""
    counts = np.bincount(training, minlength=vocabulary) + 1
    unigram = counts / counts.sum()
    before, after = training[:-1].astype(np.int64), training[1:].astype(np.int64)
    pairs = np.bincount(before * vocabulary + after, minlength=vocabulary**2).reshape(vocabulary, vocabulary)
    seen, kinds = pairs.sum(1), (pairs > 0).sum(1)
    before, after = validation[:-1].astype(np.int64), validation[1:].astype(np.int64)
    new_pair = kinds[before] + (kinds[before] == 0)
    bigram = (pairs[before, after] + new_pair * unigram[after]) / (seen[before] + new_pair)
    return Baselines(float(-np.log(unigram[after]).mean()), float(-np.log(bigram).mean()))


def continuation(
    model: GPT2LMHeadModel, tokenizer: PreTrainedTokenizerFast, prompt: str, *, seed: int
) -> tuple[str, Int[Tensor, "token"]]:
    """A sampled continuation (temperature 0.8, top 40) of `prompt`: the whole text and the new tokens."""
    torch.manual_seed(seed)
    ids = tokenizer(prompt, return_tensors="pt").input_ids
    written = model.generate(
        ids,
        attention_mask=torch.ones_like(ids),
        do_sample=True,
        temperature=0.8,
        top_k=40,
        max_new_tokens=min(CONTINUATION, model.config.n_positions - ids.shape[1]),
        pad_token_id=model.config.eos_token_id,
    )[0]
    return str(tokenizer.decode(written)), written[ids.shape[1] :]


def immediate_repeats(pieces: list[Int[Tensor, "token"]]) -> float:
    """The share of tokens that are the same as the one before."""
    same = sum(int((piece[1:] == piece[:-1]).sum()) for piece in pieces)
    return same / sum(len(piece) - 1 for piece in pieces)
