"""A stand-in for the download of gpt2-medium: its shape, random weights, the shipped model's tokenizer."""

from __future__ import annotations

import shutil
import tempfile
from bisect import bisect_right
from pathlib import Path

from core.models import SHIPPED_FOLDER
from core.texts import DEFAULT_TEXT
from core.tokens import tokenise

LENGTHS = (105, 1024)
"""Tokens of the texts that are measured."""
FOLDER = Path(tempfile.gettempdir()) / "attention-scores-bench" / "gpt2-medium-shape"


def medium_folder() -> Path:
    """A folder that `load` and LAB_MODEL take, 1.4 GB; made once for a machine.

    The weights are spread so that scores are about as large as gpt2-medium's and every head differs.
    """
    if FOLDER.exists():
        return FOLDER
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    FOLDER.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=FOLDER.parent) as unfinished:
        torch.manual_seed(0)
        shape = {"n_layer": 24, "n_head": 16, "n_embd": 1024, "n_positions": 1024, "vocab_size": 50257}
        GPT2LMHeadModel(GPT2Config(**shape, initializer_range=0.05)).save_pretrained(unfinished)
        for name in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copy(SHIPPED_FOLDER / name, unfinished)
        Path(unfinished).rename(FOLDER)
    return FOLDER


def text_of(tokens: int) -> str:
    """The default text, over again until the stand-in's tokenizer makes that many tokens of it."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(medium_folder())
    words = " ".join([DEFAULT_TEXT] * (1 + tokens // len(DEFAULT_TEXT.split()))).split(" ")

    def made_of(count: int) -> int:
        return len(tokenise(tokenizer, " ".join(words[:count])))

    count = bisect_right(range(len(words)), tokens, key=made_of) - 1  # the most words that are not too many
    text = " ".join(words[:count]) + " a" * (tokens - made_of(count))
    assert len(tokenise(tokenizer, text)) == tokens
    return text
