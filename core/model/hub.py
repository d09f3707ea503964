"""The model hub by name: what a name means there, and where its local cache has a model. Needs no network."""

from __future__ import annotations

import json
import re
from os.path import isfile  # False too for what this user may not look at
from pathlib import Path
from typing import NamedTuple

CONFIG, WEIGHTS, INDEX = "config.json", "model.safetensors", "model.safetensors.index.json"
VOCABULARIES = ("tokenizer.json", "vocab.json", "vocab.txt", "tokenizer.model", "spiece.model")
MAIN = "main"
"""The branch of a repository on the hub that is meant where none is named."""


class HubModel(NamedTuple):
    repository: str
    """Owner and name."""
    revision: str
    """A commit, a branch or a tag."""
    megabytes: int | None = None
    """What a download takes; None where only the hub knows."""


# Sizes of model.safetensors: 4 bytes for each weight and for each entry of the L masks of 1024 × 1024 that the
# files hold, e.g. 4 · (124,439,808 + 12 · 1024² / 4) for gpt2. Two are known to the byte and agree: gpt2
# 548,105,171 and distilgpt2 352,824,413 (the files' headers are the rest).
HUB = {
    "distilgpt2": HubModel("distilbert/distilgpt2", "2290a62682d06624634c1f46a6ad5be0f47f38aa", 353),
    "gpt2": HubModel("openai-community/gpt2", "607a30d783dfa663caf39e06633721c8d4cfcd7e", 548),
    "gpt2-medium": HubModel("openai-community/gpt2-medium", "6dcaa7a952f72f9298047fd5137cd6e4f05f41da", 1520),
    "gpt2-large": HubModel("openai-community/gpt2-large", "32b71b12589c2f8d625668d2335a01cac3249519", 3247),
    "gpt2-xl": HubModel("openai-community/gpt2-xl", "15ea56dee5df4983c59b2538573817e1667135e2", 6432),
}
# As the hub lets repositories and git lets branches be called.
HUB_NAME = re.compile(r"(?P<repository>\w[\w.-]*/\w[\w.-]*)(@(?P<revision>\w[\w./-]*))?", re.ASCII)


def hub_model(name: str) -> HubModel | None:
    """What a name is on the hub: one of the list, or `owner/name`, or `owner/name@revision`."""
    found = HUB_NAME.fullmatch(name)
    if found is None or ".." in name:
        return HUB.get(name)
    return HubModel(found["repository"], found["revision"] or MAIN)


def cached_folder(name: str) -> Path | None:
    """Where the hub's local cache holds the files of a model, complete; None if it does not.

    The hub knows the list's models by a short name (`gpt2`) and with their owner; the cache keeps the two apart.
    """
    from huggingface_hub import try_to_load_from_cache

    hub = hub_model(name)
    assert hub is not None
    for repository in (hub.repository, name):
        try:
            config = try_to_load_from_cache(repository, CONFIG, revision=hub.revision)
            if isinstance(config, str) and complete(Path(config).parent):
                return Path(config).parent
        except (OSError, ValueError, KeyError, TypeError, AttributeError):  # a file that is broken or not for this user
            continue
    return None


def complete(folder: Path) -> bool:
    """Whether all files of a model are there. Raises whatever a broken index of its weights may."""
    spread = isfile(folder / INDEX) and not isfile(folder / WEIGHTS)
    vocabulary = any(isfile(folder / file) for file in VOCABULARIES)
    return vocabulary and all(isfile(folder / file) for file in (CONFIG, *(shards(folder) if spread else [WEIGHTS])))


def shards(folder: Path) -> list[str]:
    """The files that a model's weights are spread over, as their index tells. Raises whatever a broken one may."""
    return sorted(set(json.loads((folder / INDEX).read_bytes())["weight_map"].values()))
