"""Tokens: a text to token ids, and token ids to a form that can be seen and told apart."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Int
from numpy import ndarray

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

SIGNS = {" ": "␣", "\n": "↵", "\t": "⇥"}
HIDDEN = ("C", "Z")  # Unicode categories: control, format, private, unassigned; separators


def tokenise(tokenizer: PreTrainedTokenizerBase, text: str) -> Int[ndarray, " token"]:
    """All token ids of a text, with the special tokens that the model's own tokenizer adds (GPT-2's: none).

    Lone surrogates, which no tokenizer takes, are read as U+FFFD; pairs as the character that they make.
    """
    # verbose=False: the caller cuts at the model's positions, no need for a warning on the log.
    return np.array(tokenizer(readable(text), verbose=False)["input_ids"], dtype=np.int64)


def readable(text: str) -> str:
    """A text as tokenizers take it."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def visible_tokens(tokenizer: PreTrainedTokenizerBase, token_ids: Int[ndarray, " token"]) -> tuple[str, ...]:
    """Each token as a learner should see it.

    A space is ␣, a newline ↵, a tab ⇥; other characters without a shape of their own are escaped as
    `\\u0000`, and bytes that are no whole character (an emoji is often several tokens) as `\\xf0`.
    """
    ids = token_ids.tolist()
    backend = getattr(tokenizer, "backend_tokenizer", None)  # not there where Python does the work
    byte_level = backend is not None and "ByteLevel" in str(backend.decoder)
    special = set(tokenizer.all_special_ids)
    shown = []
    for token_id, token in zip(ids, tokenizer.convert_ids_to_tokens(ids), strict=True):
        if token is None:  # the embedding has more rows than the tokenizer has tokens
            shown.append(f"[{token_id}]")
        elif token_id in special:
            shown.append(visible(token))
        else:
            shown.append(visible(token_bytes(token, byte_level).decode("utf-8", "backslashreplace")))
    return tuple(shown)


def visible(text: str) -> str:
    """The text with nothing in it that cannot be seen or that would disturb its surroundings."""
    return "".join(SIGNS.get(character) or _shape(character) for character in text)


def _shape(character: str) -> str:
    category = unicodedata.category(character)
    if category.startswith(HIDDEN):
        return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"
    return f"◌{character}" if category.startswith("M") else character


def token_bytes(token: str, byte_level: bool) -> bytes:
    """The UTF-8 bytes that an entry of the vocabulary stands for.

    Byte-level vocabularies (GPT-2, Llama 3) write each byte as a printable character; SentencePiece ones
    (Llama 2) write a space as ▁ and a byte of its own as <0x0A>. Added tokens are plain text in both.
    """
    table = byte_characters()
    if byte_level and all(character in table for character in token):
        return bytes(table[character] for character in token)
    if len(token) == 6 and token.startswith("<0x"):
        return bytes.fromhex(token[3:5])
    return token.replace("▁", " ").encode()


@cache
def byte_characters() -> dict[str, int]:
    """GPT-2's table (Radford et al. 2019): printable Latin-1 stays, the other bytes move to 256 and up."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    moved = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + i): byte for i, byte in enumerate(moved)}
