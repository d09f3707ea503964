"""Texts on disk to a byte-level BPE tokenizer, a file of tokens, and batches of windows.

A text file holds articles separated by a line ``<|endoftext|>``; paragraphs are separated by a blank line.
"""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Int
from numpy import ndarray
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from core.default_model.training import Refused

END_OF_TEXT = "<|endoftext|>"
PARAGRAPH_BREAK = "\n\n"
SMALLEST_VOCABULARY = 257  # every byte and the end of a text
LARGEST_VOCABULARY = 65_536  # token files are 16 bits wide


class Tokens(NamedTuple):
    """One long run of tokens and the places where a paragraph starts."""

    ids: Int[ndarray, "token"]
    paragraph_starts: Int[ndarray, "paragraph"]


def text_files(paths: list[Path]) -> list[Path]:
    """The files named by `paths`, folders replaced by the ``.txt`` files in them, in order.

    Raises Refused where a path is missing or a folder holds no text.
    """
    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise Refused(f"no such file or folder: {path}")
        files += sorted(path.rglob("*.txt")) if path.is_dir() else [path]
    if not files:
        raise Refused(f"no .txt file in {', '.join(map(str, paths))}")
    return files


def articles(files: list[Path]) -> list[list[str]]:
    """The paragraphs of each article of `files`, blank ones left out.

    Raises Refused where there is nothing to read.
    """
    found: list[list[str]] = []
    for file in files:
        for article in file.read_text(encoding="utf-8", errors="replace").split(END_OF_TEXT):
            paragraphs = [paragraph.strip() for paragraph in article.split(PARAGRAPH_BREAK)]
            if kept := [paragraph for paragraph in paragraphs if paragraph]:
                found.append(kept)
    if not found:
        raise Refused(f"no text in {', '.join(str(file) for file in files)}")
    return found


def train_tokenizer(texts: list[list[str]], vocabulary: int, positions: int) -> PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer as GPT-2's: no normalisation, no token put in front, every byte has a token."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[END_OF_TEXT],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(chain.from_iterable(texts), trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=END_OF_TEXT,
        eos_token=END_OF_TEXT,
        model_max_length=positions,
        clean_up_tokenization_spaces=False,
    )


def encode(tokenizer: PreTrainedTokenizerFast, texts: list[list[str]]) -> Tokens:
    """All articles as one run: paragraphs joined by a blank line, articles by the end-of-text token."""
    end = tokenizer.convert_tokens_to_ids(END_OF_TEXT)
    encode_batch = tokenizer.backend_tokenizer.encode_batch_fast
    ids: list[ndarray] = []
    starts: list[int] = []
    length = 0
    for first in range(0, len(texts), 512):
        group = texts[first : first + 512]
        pieces = [
            paragraph + (PARAGRAPH_BREAK if place < len(article) - 1 else "")
            for article in group
            for place, paragraph in enumerate(article)
        ]
        ends = [place == len(article) - 1 for article in group for place in range(len(article))]
        for encoding, ends_article in zip(encode_batch(pieces), ends, strict=True):
            piece = np.array(encoding.ids + [end] * ends_article, dtype=np.uint16)
            starts.append(length)
            ids.append(piece)
            length += len(piece)
    return Tokens(np.concatenate(ids), np.array(starts, dtype=np.int64))


def fingerprint(files: list[Path]) -> list[list[str | int]]:
    return [[file.name, file.stat().st_size] for file in files]


def prepare(
    texts: list[Path], validation: list[Path], work: Path, *, vocabulary: int, positions: int, windows: int
) -> None:
    """Tokenizer and token files below `work`, made once; without a validation text the last articles are held out.

    Raises Refused where there is too little text for one batch, and where `work` was begun with another text.
    """
    if not SMALLEST_VOCABULARY <= vocabulary <= LARGEST_VOCABULARY:
        raise Refused(f"the vocabulary must have {SMALLEST_VOCABULARY} to {LARGEST_VOCABULARY:,} tokens")
    files = text_files(texts)
    held_out = text_files(validation) if validation else []
    source = {
        "training": fingerprint(files),
        "validation": fingerprint(held_out),
        "vocabulary": vocabulary,
    }
    made = work / "text.json"
    if made.exists():
        if json.loads(made.read_text()) != source:
            raise Refused(f"{work} was begun with another text or vocabulary: name another --work folder")
        return
    training_articles = articles(files)
    if held_out:
        validation_articles = articles(held_out)
    else:
        cut = max(1, len(training_articles) // 50)
        training_articles, validation_articles = training_articles[:-cut], training_articles[-cut:]
    if not training_articles:
        raise Refused("one article is not enough to train and to validate: give --validation, or more articles")
    print(f"building the tokenizer ({vocabulary:,} tokens) and the token files", flush=True)
    tokenizer = train_tokenizer(training_articles, vocabulary, positions)
    named = {"training": training_articles, "validation": validation_articles}
    encoded = {name: encode(tokenizer, articles) for name, articles in named.items()}
    for (name, tokens), needed in zip(encoded.items(), (windows * (positions + 1), positions + 1), strict=True):
        if len(tokens.ids) < needed:
            raise Refused(f"the {name} text is too short: {len(tokens.ids):,} tokens, one batch needs {needed:,}")
    work.mkdir(parents=True, exist_ok=True)
    for name, tokens in encoded.items():
        save_tokens(tokens, work, name)
    tokenizer.save_pretrained(work / "tokenizer")
    made.write_text(json.dumps(source))


def save_tokens(tokens: Tokens, folder: Path, name: str) -> None:
    """Write `tokens` below `folder`; the starts go last, so that a half-written pair is never complete."""
    np.save(folder / f"{name}.ids.npy", tokens.ids)
    np.save(folder / f"{name}.starts.npy", tokens.paragraph_starts)


def load_tokens(folder: Path, name: str) -> Tokens:
    """What `save_tokens` wrote, mapped from disk."""
    return Tokens(
        np.load(folder / f"{name}.ids.npy", mmap_mode="r"),
        np.load(folder / f"{name}.starts.npy"),
    )


def training_windows(
    tokens: Tokens, *, windows: int, length: int, anywhere: float, repeats: float, seed: int, step: int
) -> Int[ndarray, "window length"]:
    """The windows of one training step: a function of (seed, step) alone, so that a resumed run sees the same.

    Most windows start at a paragraph and the share `anywhere` at any token. The share `repeats` is replaced by a
    run of 16 to 99 of its own tokens, repeated to the window's end: what an induction head can predict.
    """
    random = np.random.default_rng([seed, step])
    last_start = len(tokens.ids) - length
    starts = random.choice(tokens.paragraph_starts, windows)
    starts = np.where(random.random(windows) < anywhere, random.integers(0, last_start + 1, windows), starts)
    batch = np.stack([tokens.ids[start : start + length] for start in np.minimum(starts, last_start)])
    for window in np.flatnonzero(random.random(windows) < repeats):
        run = int(random.integers(16, 100))
        batch[window] = np.resize(batch[window, :run], length)
    return batch.astype(np.int64)
