"""Loading a folder, and one sentence for all that can be wrong with it."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file
from tokenizers import processors
from transformers import (
    AutoModelForCausalLM,
    BartConfig,
    BertConfig,
    BertForMaskedLM,
    BertLMHeadModel,
    BertModel,
    BloomConfig,
    ElectraConfig,
    ElectraModel,
    GPT2Model,
    GPTNeoXConfig,
    RobertaConfig,
    RobertaModel,
    T5Config,
    ViTConfig,
    Wav2Vec2Config,
    WhisperConfig,
)

from core.model.capture import NoText, capture
from core.model.catalogue import SHIPPED
from core.model.loading import load
from tests.families import tiny_config
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
    assert len(in_shards(folder)) > 1
    one, many = capture(load(str(whole)), "the cat"), capture(load(str(folder)), "the cat")
    assert_close(many.query, one.query)


def test_a_body_saved_without_its_tied_head_loads(whole, tmp_path):
    folder = copy_of(whole, tmp_path)
    GPT2Model.from_pretrained(folder).save_pretrained(folder)
    assert json.loads((folder / "config.json").read_text())["architectures"] == ["GPT2Model"]
    one, other = capture(load(str(whole)), "the cat"), capture(load(str(folder)), "the cat")
    np.testing.assert_array_equal(one.next_ids, other.next_ids)


def as_openai_stored_it(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The hub's gpt2: the body's names, and its mask beside the weights of each layer."""
    body = {path.removeprefix("transformer."): weight for path, weight in weights.items() if path != "lm_head.weight"}
    return body | {f"h.{layer}.attn.bias": torch.ones(1, 1, 64, 64).tril() for layer in range(3)}


def as_pythia_is_stored(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """In half precision, with what GPT-NeoX once kept beside the weights of each layer."""
    halves = {path: weight.half() for path, weight in weights.items()}
    kept = {"bias": torch.ones(64, 64).bool(), "masked_bias": torch.tensor(-1e9), "rotary_emb.inv_freq": torch.ones(2)}
    for layer in range(2):
        halves |= {f"gpt_neox.layers.{layer}.attention.{name}": value.clone() for name, value in kept.items()}
    return halves


BODY = {"vocab_size": 300, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4}


@pytest.mark.parametrize(
    ("config", "stored"),
    [
        (gpt2_config(), as_openai_stored_it),
        (GPTNeoXConfig(**BODY, max_position_embeddings=64), as_pythia_is_stored),
    ],
)
def test_files_as_the_hub_has_them_load(config, stored, tmp_path):
    folder = store(config, tmp_path / "tiny")
    expected = capture(load(str(folder)), "the cat")
    weights = load_file(folder / "model.safetensors")
    save_file(stored(weights), folder / "model.safetensors", {"format": "pt"})
    np.testing.assert_allclose(capture(load(str(folder)), "the cat").query, expected.query, atol=1e-2)


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


def rename(name: str, other: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / name).rename(folder / other)

    return change


def instead_of_weights(**files: str) -> Callable[[Path], None]:
    """Other files in their place, by names with _ for the dot."""

    def change(folder: Path) -> None:
        (folder / "model.safetensors").unlink()
        for name, text in files.items():
            (folder / ".".join(name.rsplit("_", 1))).write_text(text)

    return change


def pickle_only(folder: Path) -> None:
    torch.save(AutoModelForCausalLM.from_pretrained(folder).state_dict(), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()


def pickle_beside_other_tensors(folder: Path) -> None:
    pickle_only(folder)
    (folder / "other.safetensors").write_bytes(b"")


def in_shards(folder: Path) -> list[Path]:
    model = AutoModelForCausalLM.from_pretrained(folder)
    (folder / "model.safetensors").unlink()
    model.save_pretrained(folder, max_shard_size="40KB")
    return sorted(folder.glob("model-*.safetensors"))


def a_shard_missing(folder: Path) -> None:
    in_shards(folder)[1].unlink()


def a_broken_index(folder: Path) -> None:
    in_shards(folder)
    (folder / "model.safetensors.index.json").write_text("{}")


def a_folder_for_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors").mkdir()


def setting_a_weight_to(value: float) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        model = AutoModelForCausalLM.from_pretrained(folder)
        model.transformer.h[1].mlp.c_fc.weight.data[3, 4] = value
        model.save_pretrained(folder)

    return change


def weights_of_1e30(folder: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(folder)
    for block in model.transformer.h:
        block.mlp.c_fc.weight.data *= 1e30
        block.mlp.c_proj.weight.data *= 1e30
    model.save_pretrained(folder)


def adapter(folder: Path) -> None:
    rename("model.safetensors", "adapter_model.safetensors")(folder)
    (folder / "config.json").unlink()
    put("adapter_config.json", '{"base_model_name_or_path": "gpt2", "peft_type": "LORA"}')(folder)


def longer_tokenizer(folder: Path) -> None:
    """One of more entries than the model has rows, trained so."""
    path = folder / "tokenizer.json"
    told = json.loads(path.read_text())
    vocabulary = told["model"]["vocab"]
    told["model"]["vocab"] |= {f"purple{number}": number for number in range(len(vocabulary), 301)}
    path.write_text(json.dumps(told))


def added_to_the_tokenizer(*words: str, starts: bool = False) -> Callable[[Path], None]:
    """Words beyond the model's 300 rows, without resizing its embedding; the first may start every text."""

    def change(folder: Path) -> None:
        tokenizer = tiny_tokenizer()
        tokenizer.add_tokens([f"unused{number}!" for number in range(300 - len(tokenizer))])
        tokenizer.add_special_tokens({"pad_token": words[0]})
        tokenizer.add_tokens(list(words[1:]))
        if starts:
            start = (words[0], tokenizer.convert_tokens_to_ids(words[0]))
            template = processors.TemplateProcessing(single=f"{words[0]} $A", special_tokens=[start])
            tokenizer.backend_tokenizer.post_processor = template
        tokenizer.save_pretrained(folder)

    return change


WHOLE_FILE = "put the whole file there, or choose another model."
CUT_SHORT = f"model.safetensors of broken is cut short or no safetensors file: {WHOLE_FILE}"
OF_ONE_MODEL = "put the config.json and the weights of one model there."
BELONGING = "put the one there that belongs to the weights."
SAVED = "name one that save_pretrained has written."
OTHER = "choose a causal language model such as GPT-2."
UNBUILDABLE = f"config.json of broken describes no model that transformers can build: {BELONGING}"
NOT_NUMBERS = (
    "The weights of broken are not all numbers (transformer.h.1.mlp.c_fc.weight holds a NaN or an infinity): "
    "take a copy from before that happened, or choose another model."
)
ADAPTER = (
    "broken is an adapter of gpt2 (LoRA or another of PEFT's), which changes a model and is none: "
    "merge it into its model (merge_and_unload) and save that with save_pretrained."
)


def quantised(method: str) -> tuple[Callable[[Path], None], str]:
    return set_in_config(quantization_config={"quant_method": method, "bits": 4}), (
        f"The weights of broken are quantised ({method}), and the lab shows float32: "
        "choose the model that they were made from."
    )


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (cut("model.safetensors", 20_000), CUT_SHORT),
        (cut("model.safetensors", 0), f"model.safetensors of broken is empty: {WHOLE_FILE}"),
        (put("model.safetensors", "<html>"), CUT_SHORT),
        (a_folder_for_weights, f"model.safetensors of broken is missing: {WHOLE_FILE}"),
        (a_shard_missing, f"model-00002-of-00006.safetensors of broken is missing: {WHOLE_FILE}"),
        (
            a_broken_index,
            "model.safetensors.index.json of broken is broken: save the model again with save_pretrained.",
        ),
        (
            set_in_config(n_layer=4),
            "The weights of broken lack some that its config.json asks for "
            f"(transformer.h.3.attn.c_attn.bias and 11 others): {OF_ONE_MODEL}",
        ),
        (
            set_in_config(n_layer=2),
            "The weights of broken have more layers than its config.json says "
            f"(transformer.h.2.attn.c_attn.weight): {OF_ONE_MODEL}",
        ),
        (
            set_in_config(vocab_size=299),
            "The weights of broken are of another shape than its config.json says "
            f"(transformer.wte.weight is 300 × 32 and not 299 × 32): {OF_ONE_MODEL}",
        ),
        (remove("model.safetensors"), f"broken has no weights (model.safetensors): {SAVED}"),
        (
            pickle_only,
            "broken has its weights only as a pickle, which could run code on this machine: "
            "save it again with save_pretrained, which writes model.safetensors.",
        ),
        (
            pickle_beside_other_tensors,
            "broken has its weights only as a pickle, which could run code on this machine: "
            "save it again with save_pretrained, which writes model.safetensors.",
        ),
        (instead_of_weights(training_args_bin=""), f"broken has no weights (model.safetensors): {SAVED}"),
        (
            rename("model.safetensors", "model.fp16.safetensors"),
            "broken has its weights only as the variant fp16 (model.fp16.safetensors), and the lab reads "
            'model.safetensors: save it again (from_pretrained with variant="fp16", then save_pretrained).',
        ),
        (
            rename("model.safetensors", "model.fp16-1-of-1.safetensors"),
            "broken has its weights only as the variant fp16 (model.fp16-1-of-1.safetensors), and the lab reads "
            'model.safetensors: save it again (from_pretrained with variant="fp16", then save_pretrained).',
        ),
        (
            rename("model.safetensors", "consolidated.safetensors"),
            "broken has consolidated.safetensors, which is not what save_pretrained writes (model.safetensors): "
            "save the model again with it.",
        ),
        (
            instead_of_weights(small_gguf="GGUF"),
            "broken has its weights only as GGUF (small.gguf), a format of llama.cpp: "
            "choose the model that it was made from, with model.safetensors.",
        ),
        (
            instead_of_weights(tf_model_h5=""),
            "broken has its weights only for programs without torch (tf_model.h5): "
            "choose a model with model.safetensors.",
        ),
        (adapter, ADAPTER),
        (put("adapter_config.json", '{"base_model_name_or_path": "gpt2"}'), ADAPTER),
        (put("adapter_config.json", "?"), ADAPTER.replace(" of gpt2", "")),
        (
            instead_of_weights(model_index_json="{}"),
            f"broken is a diffusion pipeline and not a language model: {OTHER}",
        ),
        (
            put("config.json", '{"_class_name": "UNet2DConditionModel", "_diffusers_version": "0.30"}'),
            f"broken is part of a diffusion pipeline and not a language model: {OTHER}",
        ),
        quantised("gptq"),
        quantised("bitsandbytes"),
        quantised("awq"),
        quantised("of next year"),
        (remove("config.json"), f"broken has no config.json: {SAVED}"),
        (cut("config.json", 0), f"config.json of broken is empty: {BELONGING}"),
        (cut("config.json", 60), f"config.json of broken is no JSON of names and values: {BELONGING}"),
        (put("config.json", "[1]"), f"config.json of broken is no JSON of names and values: {BELONGING}"),
        (put("config.json", "{}"), f"config.json of broken says no model_type: {SAVED}"),
        (
            put("config.json", '{"model_type": "gpt9"}'),
            f"config.json of broken is of the kind “gpt9”, which transformers {transformers.__version__} "
            f"does not know: {SAVED}",
        ),
        (
            put("config.json", '{"auto_map": {"AutoConfig": "a.B"}, "model_type": "x"}'),
            "broken runs code of its own, which the lab refuses: choose a model that transformers knows.",
        ),
        (set_in_config(n_head=5), UNBUILDABLE),
        (set_in_config(n_layer="three"), UNBUILDABLE),
        (set_in_config(n_layer=0), UNBUILDABLE),
        (set_in_config(activation_function="none such"), UNBUILDABLE),
        (remove("tokenizer.json"), "broken has no tokenizer: put its tokenizer.json beside its weights."),
        (
            rename("tokenizer.json", "tokenizer.model"),
            "broken has its tokenizer in a form that the lab cannot read here: "
            "save it again with save_pretrained where it can be read, which writes tokenizer.json.",
        ),
        (cut("tokenizer.json", 300), "The tokenizer of broken is broken: put a whole tokenizer.json into {folder}."),
        (
            longer_tokenizer,
            "The tokenizer of broken has more tokens than the model: put the one there that it was trained with.",
        ),
        (
            added_to_the_tokenizer("<pad>", starts=True),
            "The tokenizer of broken puts <pad> into every text, for which the model has no embedding: "
            "save the model again after resize_token_embeddings.",
        ),
        (setting_a_weight_to(float("nan")), NOT_NUMBERS),
        (setting_a_weight_to(float("-inf")), NOT_NUMBERS),
        (
            weights_of_1e30,
            "broken comes to numbers beyond what float32 can hold: "
            "choose a model of another kind, such as GPT-2 or Llama.",
        ),
    ],
)
def test_a_broken_folder_ends_in_one_sentence_that_says_why(damage, sentence, whole, tmp_path, capfd):
    folder = copy_of(whole, tmp_path)
    damage(folder)
    capfd.readouterr()
    said = sentence_of(folder)
    assert capfd.readouterr() == ("", ""), "nothing beside it on the terminal"
    assert said == sentence.format(folder=folder)
    assert "delete" not in said, "the folder is somebody's own"


@contextmanager
def as_nobody() -> Iterator[None]:
    """Within it this process may read what everybody may: root may always read everything."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.mark.parametrize("closed", [".", "config.json", "model.safetensors"])
def test_what_may_not_be_read_is_said(closed, whole):
    with tempfile.TemporaryDirectory() as place:  # pytest's own folders are closed to others
        folder = Path(shutil.copytree(whole, Path(place) / "mine"))
        Path(place).chmod(0o755)
        (folder / closed).chmod(0)
        with as_nobody():
            said = sentence_of(folder)
        (folder / closed).chmod(0o700)
    at = folder / closed
    assert said == (
        f"{at} cannot be read by the user that the lab runs as: allow it to (chmod -R a+rX {folder})."
    )


def test_a_token_that_was_only_added_to_the_tokenizer_is_no_matter_until_a_text_has_it(whole, tmp_path):
    folder = copy_of(whole, tmp_path)
    added_to_the_tokenizer("<pad>", "¿")(folder)
    loaded = load(str(folder))
    assert loaded.facts.vocabulary == 300 < len(loaded.tokenizer)
    expected = capture(load(str(whole)), "the cat")
    np.testing.assert_array_equal(capture(loaded, "the cat").query, expected.query)
    refused = "broken has no embedding for “<pad>”, which was only added to its tokenizer: take it out of the text and"
    with pytest.raises(NoText, match=refused):
        capture(loaded, "the <pad> cat")
    assert capture(loaded, "a " * 64 + "<pad>").tokens == 64, "what is cut off is not run"


def test_a_text_whose_activations_overflow_is_said_to(whole, monkeypatch):
    loaded = load(str(whole))
    cat = loaded.tokenizer(" cat")["input_ids"][0]
    loaded.model.transformer.wte.weight.data[cat] = 1e38
    loaded.model.transformer.wpe.weight.data[1] = 3e38
    assert capture(loaded, "the").tokens == 1
    with pytest.raises(NoText, match=r"^With this text tiny comes to numbers beyond what float32 can"):
        capture(loaded, "the cat")


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
        (WhisperConfig(), "broken is an encoder-decoder (whisper), "),
        (ViTConfig(**SHAPE), "broken is not a causal language model (vit): "),
        (Wav2Vec2Config(), "broken is not a causal language model (wav2vec2): "),
        (gpt2_config(architectures=["GPT2ForSequenceClassification"]), "broken is not a causal language model"),
        (BertConfig(architectures=["BertForMaskedLM"]), "broken is an encoder (BertForMaskedLM), whose tokens see "),
    ],
)
def test_other_kinds_of_model_are_refused(config, start, whole, tmp_path):
    folder = copy_of(whole, tmp_path)
    config.save_pretrained(folder)
    assert sentence_of(folder).startswith(start)


@pytest.mark.parametrize(
    ("model", "named"),
    [
        (lambda: BertModel(BertConfig(vocab_size=300, **SHAPE)), "BertModel"),
        (lambda: BertForMaskedLM(BertConfig(vocab_size=300, **SHAPE)), "BertForMaskedLM"),
        (lambda: BertLMHeadModel(BertConfig(vocab_size=300, **SHAPE)), "BertLMHeadModel"),
        (lambda: RobertaModel(RobertaConfig(vocab_size=300, **SHAPE)), "RobertaModel"),
        (lambda: ElectraModel(ElectraConfig(vocab_size=300, embedding_size=16, **SHAPE)), "ElectraModel"),
    ],
)
def test_an_encoder_saved_as_it_is_is_refused(model, named, whole, tmp_path):
    folder = copy_of(whole, tmp_path)
    model().save_pretrained(folder)
    assert sentence_of(folder) == f"broken is an encoder ({named}), whose tokens see those after them: {OTHER}"


def test_attention_out_of_sight_is_said(tmp_path):
    folder = store(BloomConfig(vocab_size=300, hidden_size=16, n_layer=1, n_head=2), tmp_path / "bloom")
    assert sentence_of(folder).startswith("bloom keeps its queries and keys where the lab cannot see them: choose ")


OTHER_KIND = ": choose a model of another kind, such as GPT-2 or Llama."


@pytest.mark.parametrize(
    ("family", "words"),
    [
        ("gpt_oss", "adds a sink to every softmax, so that the weights of its tokens do not add up to 1" + OTHER_KIND),
        ("doge", "adds a bias of its own to its scores, beside the mask" + OTHER_KIND),
        ("diffllama", "calls its attention more than once in a layer" + OTHER_KIND),
        ("minimax", "has queries and keys that the lab can see in 1 of its 2 layers only" + OTHER_KIND),
        ("mamba", "keeps its queries and keys where the lab cannot see them" + OTHER_KIND),
        (
            "gpt_neo",
            "keeps its queries and keys where the lab cannot see them: choose a model of a newer or simpler kind, such "
            "as GPT-2 or Llama.",
        ),
    ],
)
def test_attention_of_another_kind_is_refused_with_its_reason(family, words, tmp_path):
    assert sentence_of(store(tiny_config(family), tmp_path / family)) == f"{family} {words}"


def test_weights_that_are_not_the_models_own_are_refused(whole, monkeypatch):
    monkeypatch.setattr("core.model.seam.visible_keys", lambda mask, causal, *shape: np.ones(shape, bool))
    assert re.fullmatch(
        r"tiny has attention weights that do not follow from its queries and keys \(off by [\d.e-]+\)" + OTHER_KIND,
        sentence_of(whole),
    )


def numpy_asks_for_too_much(*_: object, **__: object) -> None:
    np.empty(2**55, np.uint8)


def torch_asks_for_too_much(*_: object, **__: object) -> None:
    torch.empty(2**55, dtype=torch.uint8)


@pytest.mark.parametrize("ask", [numpy_asks_for_too_much, torch_asks_for_too_much])
def test_a_model_too_large_for_the_memory_is_said_to_be(ask, whole, monkeypatch):
    monkeypatch.setattr(AutoModelForCausalLM, "from_pretrained", ask)
    sentence = "tiny does not fit into the memory of this machine: choose a smaller model."
    assert sentence_of(whole) == sentence, "torch says in other words that memory runs out: core/model/folder.py"


def test_a_package_that_is_missing_is_said_to_be(whole, monkeypatch):
    def refuse(*arguments: object, **options: object) -> None:
        raise ImportError("SomeModel requires the foo library but it was not found in your environment.\nInstall it")

    monkeypatch.setattr(AutoModelForCausalLM, "from_pretrained", refuse)
    assert sentence_of(whole) == (
        "tiny needs a package that is not installed here, which the lab does without: choose another model."
    )


@pytest.mark.parametrize("name", ["nonsense", "no/such/folder", "../gpt2", "owner/name/more"])
def test_an_unknown_name_ends_in_one_sentence(name):
    assert sentence_of(name).startswith(f"There is no model called “{name}” here: choose one of {SHIPPED}, distilgpt2,")
