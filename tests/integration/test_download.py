"""Models from the hub: a stand-in of it on loopback, and one sentence for all that can go wrong."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from huggingface_hub import constants
from transformers import AutoModelForCausalLM, BertConfig

import core.model.download
from core.__main__ import main
from core.export.programs import asked_of_model
from core.model.capture import capture
from core.model.catalogue import ModelUnavailable, default_name, offer_named
from core.model.download import download
from core.model.hub import HUB, cached_folder
from core.model.loading import load
from core.model.store import model_key
from tests.hub_standin import Hub, serving_hub
from tests.parity import assert_close
from tests.sentences import sentence_of
from tests.tiny_models import gpt2_config, store

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    return store(gpt2_config(), tmp_path_factory.mktemp("whole") / "tiny")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    """The hub's cache of this test: empty."""
    monkeypatch.delenv("LAB_MODEL", raising=False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


NOBODY = "http://127.0.0.1:9"


def use_hub(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What HF_ENDPOINT does; the hub's client reads that once, when it is imported."""
    template = constants.HUGGINGFACE_CO_URL_TEMPLATE.replace(constants.ENDPOINT, endpoint)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "ENDPOINT", endpoint)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)


@pytest.fixture
def hub(whole, monkeypatch):
    with serving_hub(whole, "openai-community/gpt2", HUB["gpt2"].revision) as hub:
        use_hub(hub.endpoint, monkeypatch)
        monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 4096)
        monkeypatch.setenv("HF_TOKEN", "an-old-login")
        yield hub


def test_a_download_moves_the_bar_and_ends_in_the_pinned_model(hub: Hub, whole, cache, capfd):
    told: list[float] = []
    loaded = load("gpt2", told.append)
    assert (loaded.facts.name, loaded.facts.revision) == ("gpt2", HUB["gpt2"].revision)
    assert not loaded.facts.shipped
    assert told == sorted(set(told))
    downloading = [fraction for fraction in told if 0 < fraction <= 0.9]
    assert len(downloading) > 20
    assert told[-1] == 1.0
    assert_close(capture(loaded, "the cat").key, capture(load(str(whole)), "the cat").key)
    assert capfd.readouterr() == ("", "")
    assert set(hub.authorisations) == {None}, "no login is sent along"


def test_a_downloaded_model_needs_no_network_any_more(hub: Hub, monkeypatch):
    load("gpt2")
    use_hub(NOBODY, monkeypatch)
    assert load("gpt2").facts.revision == HUB["gpt2"].revision


def test_a_short_interruption_of_a_download_is_overcome(hub: Hub):
    hub.breaks_at = 28_672  # a whole number of chunks
    told: list[float] = []
    assert load("gpt2", told.append).facts.revision == HUB["gpt2"].revision
    assert hub.ranges == [None, "bytes=28672-"]
    assert told == sorted(set(told))


def test_a_download_that_breaks_off_can_be_tried_again(hub: Hub, cache):
    hub.breaks_at, hub.recovers = 30_000, False
    assert sentence_of("gpt2") == (
        "The download of gpt2 broke off: check the network and choose it again, or stay with a model that is here."
    )
    assert not list(cache.rglob("*.incomplete")), "nothing is left on the disk"
    hub.down = False
    assert load("gpt2").facts.revision == HUB["gpt2"].revision


def test_a_truncated_file_in_the_cache_ends_in_one_sentence_that_helps(hub: Hub, cache):
    load("gpt2")
    weights = next(cache.rglob("model.safetensors"))
    os.truncate(weights.resolve(), 10_000)
    repository = cache / "models--openai-community--gpt2"
    assert sentence_of("gpt2") == (
        "model.safetensors of gpt2 is cut short or no safetensors file: "
        f"delete {repository} and choose it again."
    )
    shutil.rmtree(repository)
    assert load("gpt2").facts.revision == HUB["gpt2"].revision


UNREACHED = (
    "gpt2 is not on this machine and the model hub does not answer: "
    "check the network and choose it again, or stay with a model that is here."
)


def test_without_a_network(monkeypatch):
    use_hub(NOBODY, monkeypatch)
    assert sentence_of("gpt2") == UNREACHED


def test_set_to_work_offline(hub: Hub):
    ended = in_another_process("gpt2", HF_ENDPOINT=hub.endpoint, HF_HUB_OFFLINE="1")
    assert ended == {
        "sentence": "gpt2 is not on this machine, and HF_HUB_OFFLINE keeps the lab from asking the hub: "
        "unset it, or stay with a model that is here."
    }
    assert not hub.authorisations, "nothing was asked"


def test_a_hub_in_trouble(hub: Hub):
    hub.error = 503
    assert sentence_of("gpt2") == (
        "gpt2 is not on this machine and the model hub answers with an error (503): "
        "choose it again later, or stay with a model that is here."
    )


def test_without_room_on_the_disk(hub: Hub, cache, monkeypatch):
    monkeypatch.setattr(core.model.download.shutil, "disk_usage", lambda path: SimpleNamespace(free=10**4))
    assert sentence_of("gpt2") == (
        f"gpt2 needs 1 MB and the disk of {cache} has 0 MB left: "
        "free some room, or set HF_HOME to a folder on another disk."
    )
    assert not hub.ranges


@pytest.mark.parametrize(
    ("failure", "start"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "gpt2 needs 1 MB and the disk of "),
        (PermissionError(errno.EACCES, "Permission denied"), "gpt2 cannot be stored in "),
    ],
)
def test_a_disk_that_refuses_in_the_middle(hub: Hub, failure, start, monkeypatch):
    def refuse(*arguments: object, **options: object) -> None:
        raise failure

    monkeypatch.setattr(core.model.download, "hf_hub_download", refuse)
    assert sentence_of("gpt2").startswith(start)


COMMIT = "0123456789abcdef0123456789abcdef01234567"
OTHER_COMMIT = "f" * 40
NAME = "somebody/little-model"


@pytest.fixture
def repository(whole, tmp_path, monkeypatch):
    """A hub with a repository that is not on the list, at a commit that is also its main branch."""
    folder = Path(shutil.copytree(whole, tmp_path / "served"))
    with serving_hub(folder, NAME, COMMIT) as hub:
        hub.branches = ["main", "step1000"]
        use_hub(hub.endpoint, monkeypatch)
        monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 4096)
        monkeypatch.delenv("HF_TOKEN", raising=False)
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no-login"))
        yield hub


@pytest.mark.parametrize("name", [NAME, f"{NAME}@step1000", f"{NAME}@{COMMIT}"])
def test_any_model_of_the_hub_is_had_by_its_name_and_known_by_its_commit(repository: Hub, whole, name, monkeypatch):
    told: list[float] = []
    loaded = load(name, told.append)
    assert (loaded.facts.name, loaded.facts.revision) == (name, COMMIT)
    assert told == sorted(set(told))
    assert len([fraction for fraction in told if 0 < fraction <= 0.9]) > 20
    np.testing.assert_array_equal(capture(loaded, "the cat").key, capture(load(str(whole)), "the cat").key)
    use_hub(NOBODY, monkeypatch)
    assert load(name).facts.revision == COMMIT, "no network is needed any more"


def test_a_branch_that_has_moved_on_is_what_was_fetched(repository: Hub):
    load(NAME)
    repository.revision = OTHER_COMMIT
    asked = len(repository.asked)
    assert load(NAME).facts.revision == COMMIT
    assert len(repository.asked) == asked, "the hub is not asked"
    assert load(f"{NAME}@{OTHER_COMMIT}").facts.revision == OTHER_COMMIT


def test_a_model_in_shards_is_fetched_whole_and_nothing_else_is(repository: Hub, whole, cache):
    model = AutoModelForCausalLM.from_pretrained(whole)
    (repository.folder / "model.safetensors").unlink()
    model.save_pretrained(repository.folder, max_shard_size="40KB")
    for more in ("pytorch_model.bin", "model.fp16.safetensors", "run.py", "vocab.json"):
        (repository.folder / more).write_text("{}")
    np.testing.assert_array_equal(capture(load(NAME), "the cat").key, capture(load(str(whole)), "the cat").key)
    fetched = {path.name for path in next(cache.rglob("snapshots")).glob("*/*")}
    shards = {path.name for path in repository.folder.glob("model-*-of-*.safetensors")}
    assert len(shards) > 2
    index = "model.safetensors.index.json"
    assert fetched == {"config.json", "tokenizer.json", "tokenizer_config.json", index, *shards}


def test_an_image_is_built_with_it(repository: Hub):
    """As binder/postBuild does for the names in it."""
    assert cached_folder(NAME) is None
    assert download(NAME, lambda fraction: None) == cached_folder(NAME)


def test_what_is_half_here_is_fetched_again(repository: Hub, whole, cache):
    load(NAME)
    next(cache.rglob("model.safetensors")).unlink()
    assert load(NAME).facts.revision == COMMIT


def without(*endings: str) -> Callable[[Hub], None]:
    def change(hub: Hub) -> None:
        for path in list(hub.folder.iterdir()):
            if path.name.endswith(endings):
                path.unlink()

    return change


def pickled(hub: Hub) -> None:
    (hub.folder / "model.safetensors").rename(hub.folder / "pytorch_model.bin")


def with_code(hub: Hub) -> None:
    (hub.folder / "config.json").write_text('{"model_type": "own", "auto_map": {"AutoConfig": "own.Config"}}')


def quantised(hub: Hub) -> None:
    path = hub.folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"quantization_config": {"quant_method": "awq"}}))


def encoder(hub: Hub) -> None:
    BertConfig(architectures=["BertForMaskedLM"]).save_pretrained(hub.folder)


def adapter(hub: Hub) -> None:
    (hub.folder / "adapter_config.json").write_text("{}")


def setting(**values: object) -> Callable[[Hub], None]:
    return lambda hub: vars(hub).update(values)


NOT_SHOWN = (
    "The hub shows no model called somebody/little-model, and there is no folder of that name: "
    "check the name, and set HF_TOKEN if the model is private."
)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (setting(repository="somebody/else"), NOT_SHOWN),
        (setting(private=True), NOT_SHOWN),
        (
            setting(branches=["other"]),
            "The hub's somebody/little-model has no revision “main”: name one of its branches, tags or commits.",
        ),
        (
            setting(gated=True),
            "somebody/little-model is only for those who have accepted its terms: accept them at "
            "{endpoint}/somebody/little-model and set HF_TOKEN to a token of yours.",
        ),
        (
            pickled,
            "somebody/little-model has its weights only as a pickle, which could run code on this machine: "
            "save it again with save_pretrained, which writes model.safetensors.",
        ),
        (
            without(".safetensors"),
            "somebody/little-model has no weights (model.safetensors): name one that save_pretrained has written.",
        ),
        (
            without("config.json"),
            "somebody/little-model has no config.json: name one that save_pretrained has written.",
        ),
        (
            with_code,
            "somebody/little-model runs code of its own, which the lab refuses: "
            "choose a model that transformers knows.",
        ),
        (
            quantised,
            "The weights of somebody/little-model are quantised (awq), and the lab shows float32: "
            "choose the model that they were made from.",
        ),
        (
            encoder,
            "somebody/little-model is an encoder (BertForMaskedLM), whose tokens see those after them: "
            "choose a causal language model such as GPT-2.",
        ),
        (
            adapter,
            "somebody/little-model is an adapter (LoRA or another of PEFT's), which changes a model and is none: "
            "merge it into its model (merge_and_unload) and save that with save_pretrained.",
        ),
    ],
)
def test_what_the_hub_does_not_have_is_said(repository: Hub, change, sentence):
    change(repository)
    assert sentence_of(NAME) == sentence.format(endpoint=repository.endpoint)
    assert repository.ranges == [], "no weights are fetched for nothing"


@pytest.mark.parametrize("name", ["some--body/model", f"{'a' * 97}/model"])
def test_a_name_that_the_hub_does_not_allow(repository: Hub, name):
    assert sentence_of(name).startswith(f"The hub shows no model called {name}, and there is no folder of that name: ")


@pytest.mark.parametrize("closed", ["gated", "private"])
def test_a_login_opens_what_is_closed_to_others(repository: Hub, monkeypatch, closed):
    setattr(repository, closed, True)
    monkeypatch.setenv("HF_TOKEN", repository.token)
    assert load(NAME).facts.revision == COMMIT


def test_a_login_without_access_is_refused_in_a_sentence(repository: Hub, monkeypatch):
    repository.gated = True
    monkeypatch.setenv("HF_TOKEN", "another")
    assert sentence_of(NAME).startswith(f"{NAME} is only for those who have accepted its terms: accept them at ")


def test_the_command_line_takes_a_name_on_the_hub(repository: Hub, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["--model", f"{NAME}@step1000", "--out", str(out)]) == 0
    said = json.loads((out / "settings.json").read_text())
    assert (said["model"], said["revision"]) == (f"{NAME}@step1000", COMMIT)
    assert main(["--model", "somebody/else", "--out", str(tmp_path / "more")]) == 2
    told = capsys.readouterr().err
    assert told.startswith("python -m core: The hub shows no model called somebody/else, and there is no folder of ")
    assert told.count("\n") == 1


def test_what_an_instructor_sets_is_on_the_list(repository: Hub, monkeypatch):
    name = f"{NAME}@step1000"
    monkeypatch.setenv("LAB_MODEL", name)
    assert default_name() == name
    assert offer_named(name).label == f"{name} (download)"
    assert model_key(name) is None
    load(name)
    assert offer_named(name).label == f"{name} (already on this machine)"
    assert COMMIT in (model_key(name) or "")
    with pytest.raises(ModelUnavailable, match=r"choose one of .*gpt2-xl, somebody/little-model@step1000"):
        offer_named(NAME)


def test_its_program_names_repository_and_commit(repository: Hub):
    asked = asked_of_model(capture(load(f"{NAME}@step1000"), "the cat"))
    assert (asked["model"], asked["revision"]) == (NAME, COMMIT)


def in_another_process(name: str, **environment: str) -> dict[str, str]:
    code = (
        "import json, sys\n"
        "from core.model.catalogue import ModelUnavailable\n"
        "from core.model.loading import load\n"
        "try: print(json.dumps({'revision': load(sys.argv[1]).facts.revision}))\n"
        "except ModelUnavailable as error: print(json.dumps({'sentence': str(error)}))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, name],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(ended.stdout)


def test_the_environment_chooses_hub_and_cache(hub: Hub, tmp_path):
    ended = in_another_process("gpt2", HF_ENDPOINT=hub.endpoint, HF_HOME=str(tmp_path / "home"), HF_HUB_OFFLINE="0")
    assert ended == {"revision": HUB["gpt2"].revision}
    assert len(list((tmp_path / "home").rglob("model.safetensors"))) == 1
