"""Tokens are shown as what they are."""

from __future__ import annotations

import numpy as np
import pytest
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

from core.tokens import byte_characters, token_bytes, tokenise, visible, visible_tokens
from tests.tiny_models import tiny_tokenizer


@pytest.fixture(scope="module")
def tokenizer():
    return tiny_tokenizer()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (" color", "␣color"),
        ("a\n\tb\r", "a↵⇥b\\u000d"),
        ("\0\x7f\x85", "\\u0000\\u007f\\u0085"),
        ("\u202eabc\u200b\ufeff", "\\u202eabc\\u200b\\ufeff"),
        ("\u00a0\u2028\u3000", "\\u00a0\\u2028\\u3000"),
        ("\U000e0041\ue000", "\\U000e0041\\ue000"),
        ("e\u0301", "e◌\u0301"),
        ("é שלום 你好 😀", "é␣שלום␣你好␣😀"),
        ("<b>&amp;\\n", "<b>&amp;\\n"),
    ],
)
def test_what_cannot_be_seen_is_made_visible(text, shown):
    assert visible(text) == shown


def test_an_emoji_in_pieces_is_shown_as_bytes(tokenizer):
    shown = visible_tokens(tokenizer, tokenise(tokenizer, "😀"))
    assert shown == ("\\xf0", "\\x9f", "\\x98", "\\x80")


def test_merged_tokens_and_special_tokens_are_shown_as_text(tokenizer):
    shown = visible_tokens(tokenizer, tokenise(tokenizer, "the cat<|endoftext|>"))
    assert shown == ("the", "␣cat", "<|endoftext|>")


def test_an_id_without_a_token_is_shown_as_its_number(tokenizer):
    assert visible_tokens(tokenizer, np.array([99_999])) == ("[99999]",)


def test_byte_characters_are_gpt2s():
    table = byte_characters()
    assert sorted(table.values()) == list(range(256))
    assert {character: table[character] for character in "ĠĊA!é"} == {
        "Ġ": 0x20,
        "Ċ": 0x0A,
        "A": 0x41,
        "!": 0x21,
        "é": 0xE9,
    }


def test_sentencepiece_vocabularies_are_read_too():
    assert token_bytes("<0xF0>", byte_level=False) == b"\xf0"
    assert token_bytes("<0xF0>", byte_level=True) == b"<0xF0>"
    words = Tokenizer(models.WordLevel({"▁thé": 0, "<0x0A>": 1, "<unk>": 2}, unk_token="<unk>"))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, unk_token="<unk>")
    assert visible_tokens(tokenizer, np.arange(3)) == ("␣thé", "↵", "<unk>")


def test_lone_surrogates_are_read_as_replacement_characters(tokenizer):
    whole = tokenise(tokenizer, "a\ufffdb").tolist()
    assert tokenise(tokenizer, "a\ud800b").tolist() == whole
    assert tokenise(tokenizer, "a\udc00b").tolist() == whole
    assert tokenise(tokenizer, "\ud83d\ude00").tolist() == tokenise(tokenizer, "😀").tolist()
