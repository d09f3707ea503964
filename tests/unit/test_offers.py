"""What the list of models says, without torch and without a network."""

from __future__ import annotations

from pathlib import Path

import pytest
from huggingface_hub import constants

from core.models import FILES, HUB, SHIPPED, SHIPPED_FOLDER, ModelUnavailable, default_name, offer_named, offers

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


def test_lab_model_may_name_a_model_of_the_list(tmp_path, monkeypatch):
    assert default_name() == SHIPPED
    (tmp_path / "gpt2").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LAB_MODEL", "gpt2")
    assert default_name() == "gpt2"
    assert offer_named("gpt2").folder is None, "a name of the list is not taken for a folder"


def test_lab_model_that_is_neither_is_said_to_be(monkeypatch):
    monkeypatch.setenv("LAB_MODEL", "/no/such/folder")
    with pytest.raises(ModelUnavailable, match=r"^LAB_MODEL is “/no/such/folder”, which is neither .*\.$"):
        default_name()
    assert [offer.name for offer in offers()] == NAMES
