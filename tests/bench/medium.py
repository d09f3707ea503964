"""Stand-ins for the downloads of gpt2-medium and gpt2: their shapes, random weights, the shipped model's tokenizer."""

from __future__ import annotations

import shutil
import tempfile
from bisect import bisect_right
from pathlib import Path

from core.model.catalogue import SHIPPED_FOLDER
from core.model.texts import DEFAULT_TEXT
from core.model.tokens import tokenise

LENGTHS = (105, 1024)
"""Tokens of the texts that are measured."""
FOLDERS = Path(tempfile.gettempdir()) / "attention-scores-bench"


def medium_folder() -> Path:
    """A folder that `load` and LAB_MODEL take, 1.4 GB; made once for a machine."""
    return stored("gpt2-medium-shape", n_layer=24, n_head=16, n_embd=1024)


def small_folder() -> Path:
    """The same of gpt2's shape, 0.5 GB."""
    return stored("gpt2-shape", n_layer=12, n_head=12, n_embd=768)


def stored(name: str, **shape: int) -> Path:
    """The weights are spread so that scores are about as large as a trained model's and every head differs."""
    folder = FOLDERS / name
    if folder.exists():
        return folder
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    FOLDERS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=FOLDERS) as unfinished:
        torch.manual_seed(0)
        config = GPT2Config(**shape, n_positions=1024, vocab_size=50257, initializer_range=0.05)
        GPT2LMHeadModel(config).save_pretrained(unfinished)
        for name in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copy(SHIPPED_FOLDER / name, unfinished)
        Path(unfinished).rename(folder)
    return folder


def text_of(tokens: int) -> str:
    """The default text, over again until the stand-in's tokenizer makes that many tokens of it."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(SHIPPED_FOLDER)
    words = " ".join([DEFAULT_TEXT] * (1 + tokens // len(DEFAULT_TEXT.split()))).split(" ")

    def made_of(count: int) -> int:
        return len(tokenise(tokenizer, " ".join(words[:count])))

    count = bisect_right(range(len(words)), tokens, key=made_of) - 1  # the most words that are not too many
    text = " ".join(words[:count]) + " a" * (tokens - made_of(count))
    assert len(tokenise(tokenizer, text)) == tokens
    return text
