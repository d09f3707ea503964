"""Tokens: a text to token ids, and token ids to a form that can be seen and told apart."""

from __future__ import annotations

import json
import re
import unicodedata
from codecs import getincrementaldecoder
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Int
from numpy import ndarray

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

SIGNS = {" ": "␣", "\n": "↵", "\t": "⇥"}
BYTE = re.compile(r"<0x[0-9A-F]{2}>")
# Of tokenizers in Python, in the words that the file of a fast one has for the same.
BYTE_LEVEL: list[dict[str, Any]] = [{"type": "ByteLevel"}]
SENTENCEPIECE: list[dict[str, Any]] = [{"type": "Metaspace", "replacement": "▁"}, {"type": "ByteFallback"}]
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


def paired(text: str) -> str:
    """A text whose surrogate pairs are the characters that they make; lone ones stay: the same in JSON and back."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def visible_tokens(tokenizer: PreTrainedTokenizerBase, token_ids: Int[ndarray, " token"]) -> tuple[str, ...]:
    """Each token as a learner should see it.

    A space is ␣, a newline ↵, a tab ⇥; other characters without a shape of their own are escaped as
    `\\u0000`, and bytes that are no whole character (an emoji is often several tokens) as `\\xf0`.
    """
    contents = zip(token_ids.tolist(), token_contents(tokenizer, token_ids), strict=True)
    return tuple(
        f"[{token_id}]" if content is None else visible(content.decode("utf-8", "backslashreplace"))
        for token_id, content in contents
    )


def token_contents(
    tokenizer: PreTrainedTokenizerBase, token_ids: Int[ndarray, " token"]
) -> tuple[bytes | None, ...]:
    """The UTF-8 bytes of each token; None for an id without one, as embeddings may have more rows than there are.

    What was added to a tokenizer is plain text, what it was trained with is written as its decoder says. An added
    token that the vocabulary had already (“¿” is a byte of GPT-2's) is both, and where it is part of a longer
    character, the byte is meant.
    """
    ids = token_ids.tolist()
    added = {token_id: token.content.encode() for token_id, token in tokenizer.added_tokens_decoder.items()}
    steps = decoding_steps(tokenizer)
    trained = [None if token is None else token_bytes(token, steps) for token in trained_tokens(tokenizer, ids)]
    contents: list[bytes | None] = []
    begun = b""
    for at, (token_id, entry) in enumerate(zip(ids, trained, strict=True)):
        content = added.get(token_id, entry)
        if entry is not None and ((begun and goes_on(entry)) or is_finished_by(entry, trained[at + 1 :])):
            content = entry
        contents.append(content)
        begun = unfinished(begun + (content or b""))
    return tuple(contents)


def trained_tokens(tokenizer: PreTrainedTokenizerBase, ids: list[int]) -> list[str | None]:
    """What the vocabulary that a tokenizer was trained with has for each id, what was added to it left aside."""
    backend = getattr(tokenizer, "backend_tokenizer", None)  # not there where Python does the work
    if backend is None:
        return [None if i in tokenizer.added_tokens_decoder else tokenizer.convert_ids_to_tokens(i) for i in ids]
    model = backend.model
    return [model.id_to_token(token_id) for token_id in ids]


@lru_cache(maxsize=1)  # the tokenizer tells it with all of its vocabulary
def decoding_steps(tokenizer: PreTrainedTokenizerBase) -> list[dict[str, Any]]:
    """What a tokenizer does to its entries to make text of them, step by step, in the words of its own file."""
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None and hasattr(tokenizer, "byte_decoder"):
        return BYTE_LEVEL
    if backend is None:
        return SENTENCEPIECE if hasattr(tokenizer, "sp_model") else []
    if backend.decoder is None:
        return []
    decoder = json.loads(backend.to_str())["decoder"]
    return decoder.get("decoders", [decoder])


def token_bytes(token: str, steps: list[dict[str, Any]]) -> bytes:
    """The UTF-8 bytes that an entry of the vocabulary stands for, by the steps of the decoder.

    Byte-level vocabularies (GPT-2, Llama 3) write each byte as a printable character; SentencePiece ones (Llama 2)
    write a space as ▁ and a byte of its own as <0x0A>. What a decoder does between tokens (WordPiece puts a space
    before each entry without ##, as it has forgotten the text's) is left: the entry is shown as the vocabulary has it.
    """
    for step in steps:
        match step:
            case {"type": "ByteLevel"} if all(character in byte_characters() for character in token):
                return bytes(byte_characters()[character] for character in token)
            case {"type": "ByteFallback"} if BYTE.fullmatch(token):
                return bytes.fromhex(token[3:5])
            case {"type": "Replace", "pattern": {"String": written}, "content": meant}:
                token = token.replace(written, meant)
            case {"type": "Metaspace", "replacement": written}:
                token = token.replace(written, " ")
    return token.encode()


def goes_on(piece: bytes | None) -> bool:
    """Whether a piece of UTF-8 begins within a character."""
    return bool(piece and piece[0] & 0xC0 == 0x80)


def is_finished_by(piece: bytes, following: Iterable[bytes | None]) -> bool:
    """Whether a piece of UTF-8 ends within a character that the pieces after it finish."""
    decoder, begun = getincrementaldecoder("utf-8")(), unfinished(piece)
    decoder.decode(begun)
    for other in following if begun else ():
        try:
            if not other or decoder.decode(other):
                return bool(other)
        except UnicodeDecodeError:  # no character goes on so
            return False
    return False


def unfinished(piece: bytes) -> bytes:
    """What a piece of UTF-8 has at its end of a character that it does not finish."""
    decoder = getincrementaldecoder("utf-8")("replace")
    decoder.decode(piece)
    return decoder.getstate()[0]


def visible(text: str) -> str:
    """The text with nothing in it that cannot be seen or that would disturb its surroundings."""
    return "".join(SIGNS.get(character) or _shape(character) for character in text)


def _shape(character: str) -> str:
    category = unicodedata.category(character)
    if category.startswith(HIDDEN):
        return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"
    return f"◌{character}" if category.startswith("M") else character


@cache
def byte_characters() -> dict[str, int]:
    """GPT-2's table (Radford et al. 2019): printable Latin-1 stays, the other bytes move to 256 and up."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    moved = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + i): byte for i, byte in enumerate(moved)}


def isolated(text: str) -> str:
    """A token or a learner's text for running text: letters that run from right to left turn nothing else around.

    Between U+2068 and U+2069 (Unicode Standard Annex 9) it has a direction of its own. Exports hold the bare token.
    """
    return f"\u2068{text}\u2069"
