"""Loading a folder, and one sentence for all that can be wrong with it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import (
    AutoModelForCausalLM,
    BartConfig,
    BertConfig,
    BertForMaskedLM,
    BloomConfig,
    GPT2Model,
    T5Config,
    ViTConfig,
)

from core.capture import capture
from core.models import SHIPPED, load
from tests.parity import assert_close
from tests.sentences import sentence_of
from tests.tiny_models import gpt2_config, store, tiny_tokenizer


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    return store(gpt2_config(), tmp_path_factory.mktemp("whole") / "tiny")


@pytest.fixture(autouse=True)
def no_lab_model(monkeypatch) -> None:
    monkeypatch.delenv("LAB_MODEL", raising=False)


def test_the_shipped_model_loads_and_runs():
    loaded = load(SHIPPED)
    assert loaded.facts.shipped
    assert capture(loaded, "Purple is").query.shape[0] == loaded.facts.layers


def test_a_folder_loads_by_path_with_rising_progress(whole, capfd):
    told: list[float] = []
    loaded = load(str(whole), told.append)
    assert loaded.facts.name == "tiny"
    assert told[0] == 0.0
    assert told[-1] == 1.0
    assert len(told) > 10, "the bar moves while the weights load"
    assert told == sorted(set(told))
    assert capfd.readouterr() == ("", ""), "no bar on the terminal"


def test_a_folder_in_shards_loads(whole, tmp_path):
    folder = copy_of(whole, tmp_path)
    model = AutoModelForCausalLM.from_pretrained(folder)
    (folder / "model.safetensors").unlink()
    model.save_pretrained(folder, max_shard_size="40KB")
    assert len(list(folder.glob("*.safetensors"))) > 1
    one, many = capture(load(str(whole)), "the cat"), capture(load(str(folder)), "the cat")
    assert_close(many.query, one.query)


def test_a_body_saved_without_its_tied_head_loads(whole, tmp_path):
    folder = copy_of(whole, tmp_path)
    GPT2Model.from_pretrained(folder).save_pretrained(folder)
    assert json.loads((folder / "config.json").read_text())["architectures"] == ["GPT2Model"]
    one, other = capture(load(str(whole)), "the cat"), capture(load(str(folder)), "the cat")
    np.testing.assert_array_equal(one.next_ids, other.next_ids)


def copy_of(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "broken"))


def cut(name: str, size: int) -> Callable[[Path], None]:
    return lambda folder: os.truncate(folder / name, size)


def remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def put(name: str, text: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / name).write_text(text)

    return change


def set_in_config(**values: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / "config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | values))

    return change


def pickle_only(folder: Path) -> None:
    torch.save(AutoModelForCausalLM.from_pretrained(folder).state_dict(), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()


def pickle_beside_other_tensors(folder: Path) -> None:
    pickle_only(folder)
    (folder / "adapter.safetensors").write_bytes(b"")


def longer_tokenizer(folder: Path) -> None:
    tokenizer = tiny_tokenizer()
    tokenizer.add_tokens([f"purple{number}!" for number in range(301 - len(tokenizer))])
    tokenizer.save_pretrained(folder)


BROKEN_WEIGHTS = "The weights of broken are broken, cut short, unreadable or of another model: delete "
BROKEN_CONFIG = "config.json of broken is missing, broken or of a kind that transformers does not know: "


@pytest.mark.parametrize(
    ("damage", "start"),
    [
        (cut("model.safetensors", 20_000), BROKEN_WEIGHTS),
        (cut("model.safetensors", 0), BROKEN_WEIGHTS),
        (put("model.safetensors", "<html>not found</html>"), BROKEN_WEIGHTS),
        (set_in_config(n_layer=4), BROKEN_WEIGHTS),
        (set_in_config(n_embd=64), BROKEN_WEIGHTS),
        (remove("model.safetensors"), "broken has no weights (model.safetensors): name a folder"),
        (pickle_only, "broken has its weights only as a pickle, which could run code on this machine: save"),
        (pickle_beside_other_tensors, BROKEN_WEIGHTS),
        (remove("config.json"), BROKEN_CONFIG),
        (cut("config.json", 60), BROKEN_CONFIG),
        (put("config.json", "[1]"), BROKEN_CONFIG),
        (put("config.json", '{"model_type": "gpt9"}'), BROKEN_CONFIG),
        (put("config.json", '{"auto_map": {"AutoConfig": "a.B"}, "model_type": "x"}'), "broken runs code of its own"),
        (remove("tokenizer.json"), "broken has no tokenizer: put its tokenizer.json beside its weights."),
        (cut("tokenizer.json", 300), "The tokenizer of broken is broken: put a whole tokenizer.json into "),
        (longer_tokenizer, "The tokenizer of broken has more tokens than the model: put the one there "),
    ],
)
def test_a_broken_folder_ends_in_one_sentence(damage, start, whole, tmp_path):
    folder = copy_of(whole, tmp_path)
    damage(folder)
    assert sentence_of(folder).startswith(start)


def test_code_of_a_folder_is_not_run(whole, tmp_path):
    folder = copy_of(whole, tmp_path)
    (folder / "own.py").write_text("import pathlib; pathlib.Path('ran').touch()\nclass Config: pass\n")
    set_in_config(auto_map={"AutoConfig": "own.Config", "AutoTokenizer": "own.Config"}, model_type="own")(folder)
    assert sentence_of(folder).startswith("broken runs code of its own, which the lab refuses: ")
    assert not list(tmp_path.rglob("ran"))
    assert not Path("ran").exists()


SHAPE = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}


@pytest.mark.parametrize(
    ("config", "start"),
    [
        (T5Config(d_model=16, architectures=["T5ForConditionalGeneration"]), "broken is an encoder-decoder (t5), "),
        (BartConfig(d_model=16, architectures=["BartModel"]), "broken is an encoder-decoder (bart), "),
        (ViTConfig(**SHAPE), "broken is not a causal language model (vit): "),
        (BertConfig(architectures=["BertForMaskedLM"]), "broken is not a causal language model (BertForMaskedLM): "),
    ],
)
def test_other_kinds_of_model_are_refused(config, start, whole, tmp_path):
    folder = copy_of(whole, tmp_path)
    config.save_pretrained(folder)
    assert sentence_of(folder).startswith(start)


def test_a_bert_saved_as_it_is_is_refused(whole, tmp_path):
    folder = copy_of(whole, tmp_path)
    BertForMaskedLM(BertConfig(vocab_size=300, **SHAPE)).save_pretrained(folder)
    assert sentence_of(folder).startswith("broken is not a causal language model (BertForMaskedLM): ")


def test_attention_out_of_sight_is_said(tmp_path):
    folder = store(BloomConfig(vocab_size=300, hidden_size=16, n_layer=1, n_head=2), tmp_path / "bloom")
    assert sentence_of(folder).startswith("bloom keeps its queries and keys where the lab cannot see them: choose ")


@pytest.mark.parametrize(
    "failure", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 6 GB")]
)
def test_a_model_too_large_for_the_memory_is_said_to_be(failure, whole, monkeypatch):
    def refuse(*arguments: object, **options: object) -> None:
        raise failure

    monkeypatch.setattr(AutoModelForCausalLM, "from_pretrained", refuse)
    assert sentence_of(whole) == "tiny does not fit into the memory of this machine: choose a smaller model."


@pytest.mark.parametrize("name", ["nonsense", "no/such/folder", "openai/whatever"])
def test_an_unknown_name_ends_in_one_sentence(name):
    assert sentence_of(name).startswith(f"There is no model called “{name}” here: choose one of {SHIPPED}, distilgpt2,")
