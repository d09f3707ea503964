"""What the list of models says, without torch and without a network."""

from __future__ import annotations

from pathlib import Path

import pytest
from huggingface_hub import constants

from core.model.catalogue import SHIPPED, SHIPPED_FOLDER, ModelUnavailable, default_name, offer_named, offers
from core.model.hub import HUB, cached_folder, hub_model

FILES = ("config.json", "tokenizer.json", "model.safetensors")
NAMES = [SHIPPED, "distilgpt2", "gpt2", "gpt2-medium", "gpt2-large", "gpt2-xl"]


@pytest.fixture(autouse=True)
def empty_cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.delenv("LAB_MODEL", raising=False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def put_into_cache(cache: Path, repository: str, revision: str, files: tuple[str, ...] = FILES) -> Path:
    folder = cache / f"models--{repository}" / "snapshots" / revision
    folder.mkdir(parents=True)
    for file in files:
        (folder / file).touch()
    return folder


def test_every_model_is_offered_with_where_it_is():
    assert [offer.label for offer in offers()] == [
        f"{SHIPPED} (shipped)",
        "distilgpt2 (download of 353 MB)",
        "gpt2 (download of 548 MB)",
        "gpt2-medium (download of 1,520 MB)",
        "gpt2-large (download of 3,247 MB)",
        "gpt2-xl (download of 6,432 MB)",
    ]
    assert offers()[0].folder == SHIPPED_FOLDER


# Parameters (counted once, as the embedding is tied), layers: the figures of the models' cards.
@pytest.mark.parametrize(
    ("name", "parameters", "layers"),
    [
        ("distilgpt2", 81_912_576, 6),
        ("gpt2", 124_439_808, 12),
        ("gpt2-medium", 354_823_168, 24),
        ("gpt2-large", 774_030_080, 36),
        ("gpt2-xl", 1_557_611_200, 48),
    ],
)
def test_sizes_are_those_of_float32_weights_and_masks(name, parameters, layers):
    assert HUB[name].megabytes == round((4 * parameters + layers * 4 * 1024**2) / 1e6)
    assert len(HUB[name].revision) == 40


@pytest.mark.parametrize("repository", ["openai-community--gpt2", "gpt2"])
def test_a_model_in_the_hubs_cache_is_already_here(empty_cache, repository):
    folder = put_into_cache(empty_cache, repository, HUB["gpt2"].revision)
    assert offer_named("gpt2").folder == folder
    assert offer_named("gpt2").label == "gpt2 (already on this machine)"
    assert offer_named("distilgpt2").folder is None


def test_a_repository_is_here_at_the_commit_that_its_branch_was_at(empty_cache):
    folder = put_into_cache(empty_cache, "somebody--model", "c" * 40, (*FILES[:2], "model.safetensors.index.json"))
    index = folder / "model.safetensors.index.json"
    index.write_text('{"weight_map": {"a": "one.safetensors", "b": "two.safetensors"}}')
    refs = folder.parents[1] / "refs"
    refs.mkdir()
    (refs / "main").write_text("c" * 40)
    for shard in ("one.safetensors", "two.safetensors"):
        assert cached_folder("somebody/model") is None, f"{shard} is missing"
        (folder / shard).touch()
    assert cached_folder("somebody/model") == cached_folder(f"somebody/model@{'c' * 40}") == folder
    assert cached_folder("somebody/model@other") is None
    index.write_text("[]")
    assert cached_folder("somebody/model") is None


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("EleutherAI/pythia-70m", ("EleutherAI/pythia-70m", "main")),
        ("EleutherAI/pythia-70m@step1000", ("EleutherAI/pythia-70m", "step1000")),
        ("HuggingFaceTB/SmolLM2-135M@refs/pr/4", ("HuggingFaceTB/SmolLM2-135M", "refs/pr/4")),
        ("Qwen/Qwen2.5-0.5B", ("Qwen/Qwen2.5-0.5B", "main")),
        ("gpt2", (HUB["gpt2"].repository, HUB["gpt2"].revision)),
        *[(name, None) for name in ("", "gpt3", "/etc/passwd", "../a", "a/../b", "a/b/c", "a/b@../c", "a/b@", "a/b c")],
    ],
)
def test_names_on_the_hub(name, meant):
    found = hub_model(name)
    assert (found and found[:2]) == meant


def test_half_a_model_and_another_revision_are_not_here(empty_cache):
    put_into_cache(empty_cache, "openai-community--gpt2", HUB["gpt2"].revision, FILES[:2])
    put_into_cache(empty_cache, "distilbert--distilgpt2", "0" * 40)
    assert offer_named("gpt2").folder is None
    assert offer_named("distilgpt2").folder is None


def test_a_name_off_the_list_is_refused_even_if_it_is_a_folder(tmp_path):
    sentence = rf"^There is no model called “.*” here: choose one of {SHIPPED}, .*, gpt2-xl\.$"
    for name in ("gpt3", str(tmp_path), "../gpt2", ""):
        with pytest.raises(ModelUnavailable, match=sentence):
            offer_named(name)
    with pytest.raises(ModelUnavailable) as refused:
        offer_named("\x00\u202e" + "x" * 10_000)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 300


def test_lab_model_may_name_a_folder(tmp_path, monkeypatch):
    (tmp_path / "my model").mkdir()
    monkeypatch.setenv("LAB_MODEL", str(tmp_path / "my model"))
    assert default_name() == "my model"
    assert [offer.name for offer in offers()] == [*NAMES, "my model"]
    assert offer_named("my model").folder == tmp_path / "my model"
    assert offer_named("my model").revision is None


def test_a_folder_hides_the_hubs_model_of_its_name(tmp_path, monkeypatch):
    (tmp_path / "gpt2").mkdir()
    monkeypatch.setenv("LAB_MODEL", str(tmp_path / "gpt2"))
    assert [offer.name for offer in offers()] == NAMES
    assert (offer_named("gpt2").folder, offer_named("gpt2").revision) == (tmp_path / "gpt2", None)


def test_a_folder_is_not_taken_for_the_shipped_model(tmp_path, monkeypatch):
    (tmp_path / "mine" / SHIPPED).mkdir(parents=True)
    monkeypatch.setenv("LAB_MODEL", str(tmp_path / "mine" / SHIPPED))
    assert default_name() == f"mine/{SHIPPED}"
    assert [offer.name for offer in offers()] == [*NAMES, f"mine/{SHIPPED}"]
    assert offer_named(SHIPPED).folder == SHIPPED_FOLDER
    assert offer_named(f"mine/{SHIPPED}").folder == tmp_path / "mine" / SHIPPED


def test_lab_model_may_name_a_model_of_the_list(tmp_path, monkeypatch):
    assert default_name() == SHIPPED
    (tmp_path / "gpt2").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LAB_MODEL", "gpt2")
    assert default_name() == "gpt2"
    assert offer_named("gpt2").folder is None, "a name of the list is not taken for a folder"


def test_lab_model_may_name_a_model_on_the_hub(empty_cache, monkeypatch):
    name = "EleutherAI/pythia-70m@step1000"
    monkeypatch.setenv("LAB_MODEL", name)
    assert default_name() == name
    assert [offer.name for offer in offers()] == [*NAMES, name]
    assert offer_named(name).label == f"{name} (download)"
    for other in ("EleutherAI/pythia-70m", "EleutherAI/pythia-160m"):
        with pytest.raises(ModelUnavailable, match="There is no model called “EleutherAI/"):
            offer_named(other)
    put_into_cache(empty_cache, "EleutherAI--pythia-70m", "step1000")
    assert offer_named(name).label == f"{name} (already on this machine)"


def test_lab_model_is_a_folder_before_it_is_a_name_on_the_hub(tmp_path, monkeypatch):
    (tmp_path / "models/mine").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LAB_MODEL", "models/mine")
    assert default_name() == "mine"
    assert offer_named("mine").folder == tmp_path / "models/mine"


def test_lab_model_that_is_none_of_these_is_said_to_be(monkeypatch):
    monkeypatch.setenv("LAB_MODEL", "/no/such/folder")
    with pytest.raises(ModelUnavailable) as refused:
        default_name()
    assert str(refused.value) == (
        "LAB_MODEL is “/no/such/folder”, which is no folder here, no model of the list and no name on the hub: "
        "set it to a folder, to owner/name or to one of lab-small, distilgpt2, gpt2, gpt2-medium, gpt2-large, gpt2-xl."
    )
    assert [offer.name for offer in offers()] == NAMES
