"""Tokens are shown as what they are."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers
from transformers import PreTrainedTokenizerFast

from core.model.tokens import byte_characters, token_contents, tokenise, visible, visible_tokens
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


def fast(model: models.Model, decoder: decoders.Decoder | None, **parts: Any) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(model)
    tokenizer.decoder = decoder
    for name, part in parts.items():
        setattr(tokenizer, name, part)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer)


LLAMA_DECODER = decoders.Sequence(
    [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
)


@pytest.mark.parametrize(
    ("entries", "decoder", "shown"),
    [
        (["▁thé", "<0x0A>", "<0xC3>"], LLAMA_DECODER, ("␣thé", "↵", "\\xc3")),
        (["▁thé", "<0x0A>"], decoders.Metaspace(), ("␣thé", "<0x0A>")),
        (["_the", "▁"], decoders.Metaspace(replacement="_"), ("␣the", "▁")),
        (["Ġthé", "<0x0A>", "▁"], decoders.ByteLevel(), ("␣th\\xe9", "<0x0A>", "▁")),
        (["the", "##se", "▁"], decoders.WordPiece(), ("the", "##se", "▁")),
        (["▁thé", "<0x0A>", "Ġ"], None, ("▁thé", "<0x0A>", "Ġ")),
    ],
)
def test_an_entry_is_read_as_the_tokenizers_own_decoder_reads_it(entries, decoder, shown):
    tokenizer = fast(models.WordLevel({entry: number for number, entry in enumerate(entries)}), decoder)
    assert visible_tokens(tokenizer, np.arange(len(entries))) == shown


@pytest.mark.parametrize(
    ("added", "text", "shown"),
    [
        ("¿", "¿a ÿ", ("¿", "a", "␣", "\\xc3", "\\xbf")),
        ("¿", "😀¿", ("\\xf0", "\\x9f", "\\x98", "\\x80", "¿")),
        ("é", "aé 逐", ("a", "é", "␣", "\\xe9", "\\x80", "\\x90")),
        ("señor", "a señor", ("a", "␣", "señor")),
        ("Ġ", "Ġ a", ("Ġ", "␣a")),
        ("▁x", "a▁x", ("a", "▁x")),
        ("<0x41>", "<0x41>", ("<0x41>",)),
    ],
)
def test_what_was_added_to_a_tokenizer_is_plain_text(added, text, shown):
    tokenizer = tiny_tokenizer()
    tokenizer.add_tokens([added])
    assert visible_tokens(tokenizer, tokenise(tokenizer, text)) == shown


def sentencepiece_like() -> PreTrainedTokenizerFast:
    """As Llama 2's: ▁ for a space, and a byte of its own for each character that it was not trained with."""
    alphabet = ["<unk>", *(f"<0x{byte:02X}>" for byte in range(256)), "▁", *"abcdé"]
    merges = [("▁", "a"), ("b", "c")]
    vocabulary = {entry: number for number, entry in enumerate([*alphabet, "▁a", "bc"])}
    return fast(
        models.BPE(vocabulary, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True),
        LLAMA_DECODER,
        normalizer=normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]),
    )


ANY_TEXT = st.text(st.sampled_from("abc ¿ñéÿ逐😀Ġ▁\n") | st.characters(exclude_categories=["Cs"]), max_size=30)


@settings(deadline=None)
@given(ANY_TEXT)
@example("ñ¿")  # bytes F1 and BF, which begin a character of four and do not finish it
def test_the_tokens_of_a_text_are_its_bytes_whatever_was_added(text):
    tokenizer = WITH_ADDED
    ids = tokenise(tokenizer, text)
    assert b"".join(token_contents(tokenizer, ids)) == text.encode()


@settings(deadline=None)
@given(ANY_TEXT)
def test_the_tokens_of_a_text_are_what_the_tokenizer_itself_decodes(text):
    for tokenizer, stripped in ((PLAIN, ""), (SENTENCEPIECE_LIKE, " ")):
        ids = tokenise(tokenizer, text)
        read = b"".join(token_contents(tokenizer, ids)).decode()
        assert read.removeprefix(stripped) == tokenizer.decode(ids)


PLAIN, SENTENCEPIECE_LIKE, WITH_ADDED = tiny_tokenizer(), sentencepiece_like(), tiny_tokenizer()
WITH_ADDED.add_tokens(["¿", "ñ", "ÿa", "señor", "▁", "<0x41>"])


def test_tokenizers_in_python_are_asked_for_their_own_way_of_writing():
    class InPython:
        added_tokens_decoder: ClassVar[dict[int, AddedToken]] = {2: AddedToken("▁")}

        def convert_ids_to_tokens(self, token_id: int) -> str:
            return ["▁a", "<0x0A>"][token_id]

    by_words, by_bytes, by_pieces = InPython(), InPython(), InPython()
    by_bytes.byte_decoder, by_pieces.sp_model = {}, object()
    assert visible_tokens(by_words, np.arange(3)) == ("▁a", "<0x0A>", "▁")
    assert visible_tokens(by_bytes, np.arange(3)) == ("▁a", "<0x0A>", "▁")
    assert visible_tokens(by_pieces, np.arange(3)) == ("␣a", "↵", "▁")


def test_lone_surrogates_are_read_as_replacement_characters(tokenizer):
    whole = tokenise(tokenizer, "a\ufffdb").tolist()
    assert tokenise(tokenizer, "a\ud800b").tolist() == whole
    assert tokenise(tokenizer, "a\udc00b").tolist() == whole
    assert tokenise(tokenizer, "\ud83d\ude00").tolist() == tokenise(tokenizer, "😀").tolist()
