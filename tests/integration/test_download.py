"""Models from the hub: a stand-in of it on loopback, and one sentence for all that can go wrong."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from huggingface_hub import constants

import core.download
from core.capture import capture
from core.models import HUB, load
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


def test_a_truncated_file_in_the_cache_ends_in_one_sentence(hub: Hub, cache):
    load("gpt2")
    weights = next(cache.rglob("model.safetensors"))
    os.truncate(weights.resolve(), 10_000)
    assert sentence_of("gpt2") == (
        "The weights of gpt2 are broken, cut short, unreadable or of another model: "
        f"delete {weights.parent} and get it again, or choose another model."
    )


UNREACHED = (
    "gpt2 is not on this machine and the model hub does not answer: "
    "check the network and choose it again, or stay with a model that is here."
)


def test_without_a_network(monkeypatch):
    use_hub(NOBODY, monkeypatch)
    assert sentence_of("gpt2") == UNREACHED


def test_set_to_work_offline(hub: Hub):
    ended = in_another_process("gpt2", HF_ENDPOINT=hub.endpoint, HF_HUB_OFFLINE="1")
    assert ended == {"sentence": UNREACHED}
    assert not hub.authorisations, "nothing was asked"


def test_a_hub_without_the_model(hub: Hub):
    hub.repository = "somebody/else"
    assert sentence_of("gpt2") == UNREACHED


def test_without_room_on_the_disk(hub: Hub, cache, monkeypatch):
    monkeypatch.setattr(core.download.shutil, "disk_usage", lambda path: SimpleNamespace(free=10**7))
    assert sentence_of("gpt2") == (
        f"gpt2 needs 548 MB and the disk of {cache} has 10 MB left: "
        "free some room, or set HF_HOME to a folder on another disk."
    )
    assert not hub.ranges


@pytest.mark.parametrize(
    ("failure", "start"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "gpt2 needs 548 MB and the disk of "),
        (PermissionError(errno.EACCES, "Permission denied"), "gpt2 cannot be stored in "),
    ],
)
def test_a_disk_that_refuses_in_the_middle(hub: Hub, failure, start, monkeypatch):
    def refuse(*arguments: object, **options: object) -> None:
        raise failure

    monkeypatch.setattr(core.download, "hf_hub_download", refuse)
    assert sentence_of("gpt2").startswith(start)


def in_another_process(name: str, **environment: str) -> dict[str, str]:
    code = (
        "import json, sys\n"
        "from core.models import load, ModelUnavailable\n"
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
