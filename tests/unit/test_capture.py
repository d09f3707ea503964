"""One forward pass gives Q, K and V of every layer: against hooks, and against the model's own attention."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM

from core.model.capture import Capture, NoText, capture
from core.model.facts import LONGEST, LoadedModel
from core.model.loading import load
from core.model.recording import forward
from core.model.tokens import paired, token_contents
from tests.parity import assert_close
from tests.tiny_models import gpt2_config, llama_config, store

TEXT = "the cat sat on a violet mat"


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    base = tmp_path_factory.mktemp("models")
    return {
        "gpt2": store(gpt2_config(), base / "gpt2-like"),
        "llama": store(llama_config(), base / "llama-like"),
        "long": store(gpt2_config(layers=1, n_positions=LONGEST + 60), base / "long"),
    }


@pytest.fixture(scope="module")
def gpt2(folders) -> LoadedModel:
    return on_the_processor(load(str(folders["gpt2"])))


@pytest.fixture(scope="module")
def llama(folders) -> LoadedModel:
    return on_the_processor(load(str(folders["llama"])))


def on_the_processor(loaded: LoadedModel) -> LoadedModel:
    """Compared to the last digit with what numpy computes, on any machine."""
    loaded.model.to("cpu")
    return loaded


def plain_attention(of: Capture, layer: int, head: int) -> np.ndarray:
    """Softmax of the masked scores, by loops (PARTS.md, Notation)."""
    query, key = of.query[layer].astype(float), of.key[layer].astype(float)
    width = query.shape[1] // of.heads
    columns = slice(head * width, (head + 1) * width)
    weights = np.zeros((of.tokens, of.tokens))
    for i in range(of.tokens):
        scores = [query[i, columns] @ key[j, columns] / np.sqrt(width) for j in range(i + 1)]
        weights[i, : i + 1] = np.exp(scores) / np.sum(np.exp(scores))
    return weights


def test_seam_gives_what_hooks_on_c_attn_give(gpt2):
    outputs: list[torch.Tensor] = []
    hooks = [
        block.attn.c_attn.register_forward_hook(lambda module, given, output: outputs.append(output[0]))
        for block in gpt2.model.transformer.h
    ]
    got = capture(gpt2, TEXT)
    for hook in hooks:
        hook.remove()
    assert len(outputs) == got.layers == 3
    for layer, output in enumerate(outputs):
        query, key, value = output.numpy(force=True).reshape(got.tokens, 3, -1).transpose(1, 0, 2)
        np.testing.assert_array_equal(got.query[layer], query)
        np.testing.assert_array_equal(got.key[layer], key)
        np.testing.assert_array_equal(got.value[layer], value)


@pytest.mark.parametrize("family", ["gpt2", "llama"])
def test_attention_from_the_capture_is_the_models_own(family, folders, request):
    got = capture(request.getfixturevalue(family), TEXT)
    reference = AutoModelForCausalLM.from_pretrained(folders[family], attn_implementation="eager")
    with torch.no_grad():
        attentions = reference(torch.from_numpy(got.token_ids)[None], output_attentions=True).attentions
    assert len(attentions) == got.layers
    for layer, attention in enumerate(attentions):
        assert attention.shape == (1, got.heads, got.tokens, got.tokens)
        for head in range(got.heads):
            np.testing.assert_allclose(plain_attention(got, layer, head), attention[0, head], atol=1e-5)


def test_shared_keys_and_values_are_repeated_for_each_head(llama):
    got = capture(llama, TEXT)
    assert got.query.shape == got.key.shape == got.value.shape == (2, got.tokens, 4 * 12)
    for name in ("key", "value"):
        heads = got.split_heads(name, layer=1)
        np.testing.assert_array_equal(heads[0], heads[1])
        np.testing.assert_array_equal(heads[2], heads[3])
        assert np.abs(heads[1] - heads[2]).max() > 1e-3
    assert np.abs(got.split_heads("query", 1)[0] - got.split_heads("query", 1)[1]).max() > 1e-3


def test_arrays_are_float32_and_split_heads_is_a_view(gpt2):
    got = capture(gpt2, TEXT)
    assert {got.query.dtype, got.key.dtype, got.value.dtype} == {np.dtype(np.float32)}
    heads = got.split_heads("value", layer=2)
    assert heads.shape == (got.heads, got.tokens, got.head_width) == (4, got.tokens, 8)
    assert np.shares_memory(heads, got.value)
    for head in range(4):
        np.testing.assert_array_equal(heads[head], got.value[2][:, head * 8 : (head + 1) * 8])
    with pytest.raises(FrozenInstanceError):
        got.text = "another"
    with pytest.raises(IndexError):
        got.split_heads("key", layer=3)


def test_next_token_guesses_are_the_models_and_the_head_runs_once(gpt2):
    rows: list[int] = []
    hook = gpt2.model.lm_head.register_forward_hook(lambda module, given, output: rows.append(given[0].shape[1]))
    got = capture(gpt2, TEXT)
    hook.remove()
    assert rows == [1]
    with torch.no_grad():
        logits = gpt2.model(torch.from_numpy(got.token_ids)[None]).logits[0, -1].double().numpy()
    probability = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    best = np.argsort(-probability)[:5]
    np.testing.assert_array_equal(got.next_ids, best)
    assert_close(got.next_probability, probability[best])
    assert len(got.next_text) == 5


@pytest.mark.parametrize("family", ["gpt2", "llama"])
def test_without_guesses_the_pass_ends_at_the_last_layers_attention(family, request):
    loaded = request.getfixturevalue(family)
    ids = capture(loaded, TEXT).token_ids
    whole = forward(loaded.model, ids, loaded.facts.layers, guesses=5)
    ran: list[str] = []
    hooks = [
        module.register_forward_hook(lambda module, given, output, path=path: ran.append(path))
        for path, module in loaded.model.named_modules()
        if path.endswith((".mlp", "lm_head"))
    ]
    short = forward(loaded.model, ids, loaded.facts.layers, guesses=0)
    for hook in hooks:
        hook.remove()
    assert len(ran) == loaded.facts.layers - 1
    for name in ("query", "key", "value"):
        np.testing.assert_array_equal(getattr(short.activations, name), getattr(whole.activations, name))
    assert short.activations.heads == whole.activations.heads
    assert len(short.next_ids) == len(short.next_probability) == 0


def test_facts_are_those_of_the_model(gpt2, llama, folders):
    facts = gpt2.facts
    assert (facts.layers, facts.heads, facts.embedding, facts.head_width) == (3, 4, 32, 8)
    assert facts.parameters == sum(
        tensor.numel() for name, tensor in gpt2.model.state_dict().items() if name != "lm_head.weight"
    )
    assert (facts.name, facts.family, facts.shipped) == ("gpt2-like", "gpt2", False)
    assert (facts.positions, facts.vocabulary) == (64, 300)
    assert facts.projections == (("transformer.h[i].attn.c_attn", 3 * 32),)
    assert [(path.rsplit(".")[-1], width) for path, width in llama.facts.projections] == [
        ("q_proj", 48),
        ("k_proj", 24),
        ("v_proj", 24),
    ]
    assert (llama.facts.head_width, llama.facts.key_value_heads, llama.facts.embedding) == (12, 2, 32)
    assert facts.revision.startswith("sha256:")
    assert facts.revision != llama.facts.revision
    assert load(str(folders["gpt2"])).facts == facts


def test_float16_weights_are_computed_in_float32(tmp_path):
    store(gpt2_config(dtype="float16"), tmp_path / "full")
    AutoModelForCausalLM.from_pretrained(tmp_path / "full").half().save_pretrained(tmp_path / "full")
    loaded = load(str(tmp_path / "full"))
    assert {parameter.dtype for parameter in loaded.model.parameters()} == {torch.float32}


def test_a_long_text_is_cut_at_the_positions_and_counted_whole(gpt2, folders):
    sentence = "the cat sat on the mat. "
    got = capture(gpt2, sentence * 50)
    assert got.tokens == len(got.token_text) == 64
    assert got.text_tokens == len(gpt2.tokenizer(sentence * 50)["input_ids"]) > 64
    assert got.text == sentence * 50
    np.testing.assert_array_equal(got.token_ids, gpt2.tokenizer(sentence * 50)["input_ids"][:64])
    assert capture(load(str(folders["long"])), "a" * 3000).tokens == LONGEST


@pytest.mark.parametrize("text", ["", " ", "\n\t  \n"])
def test_blank_text_is_refused_in_words(gpt2, text):
    with pytest.raises(NoText, match=r"no text yet: type a few words"):
        capture(gpt2, text)


@pytest.mark.parametrize(
    ("text", "bytes_read"),
    [
        ("a", b"a"),
        ("😀 👨‍👩‍👧 ok", "😀 👨‍👩‍👧 ok".encode()),
        ("שלום \u202eabc", "שלום \u202eabc".encode()),
        ("nul \0 and \x1b[0m \x7f", b"nul \0 and \x1b[0m \x7f"),
        ("lone \ud800 end \udc00", "lone \ufffd end \ufffd".encode()),
        ("pair \ud83d\ude00", "pair 😀".encode()),
        ("<img src=x onerror=alert(1)>", b"<img src=x onerror=alert(1)>"),
    ],
)
def test_any_text_is_taken_as_what_it_is(gpt2, text, bytes_read):
    got = capture(gpt2, text)
    assert b"".join(token_contents(gpt2.tokenizer, got.token_ids)) == bytes_read[:64]
    assert got.text == paired(text)
    assert np.isfinite(got.query).all()
    for shown in (*got.token_text, *got.next_text):
        assert shown.isprintable()
        assert shown


def test_a_megabyte_is_counted_whole(gpt2):
    text = "the cat, 😀\n" * (1_000_000 // len("the cat, 😀\n".encode()))
    got = capture(gpt2, text)
    once = len(gpt2.tokenizer("the cat, 😀\n")["input_ids"])
    assert got.text_tokens == once * text.count("\n")
    assert got.tokens == 64


def test_a_capture_in_another_thread_does_not_record_this_one(gpt2, llama):
    alone = capture(gpt2, TEXT), capture(llama, TEXT)
    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(capture, loaded, TEXT) for loaded in (gpt2, llama) * 10]
    for index, job in enumerate(jobs):
        assert_close(job.result().query, alone[index % 2].query)


def test_a_surrogate_pair_is_the_character_that_it_makes(gpt2):
    """It came back from the store as another text, and was never found again."""
    assert capture(gpt2, "a \ud83c\udf55 and \ud83c").text == "a \U0001f355 and \ud83c"
