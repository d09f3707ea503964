"""The models on offer, and loading one. Saying what is on offer needs neither torch nor transformers."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from core.capture import ModelFacts
from core.lean_torch import lean_torch
from core.progress import Progress, portion, rising
from core.tokens import visible

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

SHIPPED = "lab-small"
SHIPPED_FOLDER = Path(__file__).resolve().parent / "default_model"
HERE = "already on this machine"
FILES = ("config.json", "tokenizer.json", "model.safetensors")


class HubModel(NamedTuple):
    owner: str
    revision: str
    megabytes: int


# Sizes of model.safetensors: 4 bytes for each weight and for each entry of the L masks of 1024 × 1024 that the
# files hold, e.g. 4 · (124,439,808 + 12 · 1024² / 4) for gpt2. Two are known to the byte and agree: gpt2
# 548,105,171 and distilgpt2 352,824,413 (the files' headers are the rest).
HUB = {
    "distilgpt2": HubModel("distilbert", "2290a62682d06624634c1f46a6ad5be0f47f38aa", 353),
    "gpt2": HubModel("openai-community", "607a30d783dfa663caf39e06633721c8d4cfcd7e", 548),
    "gpt2-medium": HubModel("openai-community", "6dcaa7a952f72f9298047fd5137cd6e4f05f41da", 1520),
    "gpt2-large": HubModel("openai-community", "32b71b12589c2f8d625668d2335a01cac3249519", 3247),
    "gpt2-xl": HubModel("openai-community", "15ea56dee5df4983c59b2538573817e1667135e2", 6432),
}

class ModelUnavailable(Exception):
    """A model cannot be had. The message is one sentence for the page: what happened and what to do."""


@dataclass(frozen=True)
class Offer:
    """A model that can be chosen."""

    name: str
    note: str
    folder: Path | None
    """Where its files are; None until they are on this machine."""
    revision: str | None = None
    """The commit on the hub that is meant; None for a folder."""

    @property
    def label(self) -> str:
        """How the drop-down lists it."""
        return f"{self.name} ({self.note})"


@dataclass(frozen=True)
class LoadedModel:
    """A causal language model in float32 whose attention passes through `core.recording`."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    facts: ModelFacts


def offers() -> tuple[Offer, ...]:
    """The models on offer: the shipped one, the hub's, and the folder that LAB_MODEL names, if it does.

    The folder goes by its own name and hides a model of the hub that has the same.
    """
    listed = {SHIPPED: Offer(SHIPPED, "shipped", SHIPPED_FOLDER)}
    for name, hub in HUB.items():
        folder = cached_folder(name)
        note = HERE if folder else f"download of {hub.megabytes:,} MB"
        listed[name] = Offer(name, note, folder, hub.revision)
    folder = _folder_of_environment()
    if folder is not None:
        listed[folder.name] = Offer(folder.name, HERE, folder)
    return tuple(listed.values())


def offer_named(name: str) -> Offer:
    """The offer of that name. Raises ModelUnavailable for a name that is not on the list."""
    listed = {offer.name: offer for offer in offers()}
    if name not in listed:
        known = ", ".join(listed)
        raise ModelUnavailable(f"There is no model called “{visible(name[:60])}” here: choose one of {known}.")
    return listed[name]


def default_name() -> str:
    """The model that LAB_MODEL asks for (a name of the list or a folder), else the one that ships.

    Raises ModelUnavailable where LAB_MODEL is neither.
    """
    asked = os.environ.get("LAB_MODEL", "")
    folder = _folder_of_environment()
    if folder is not None:
        return folder.name
    if asked and asked != SHIPPED and asked not in HUB:
        raise ModelUnavailable(
            f"LAB_MODEL is “{visible(asked[:200])}”, which is neither a folder nor a model of the list: "
            f"set it to a folder or to one of {', '.join([SHIPPED, *HUB])}."
        )
    return asked or SHIPPED


def load(name_or_folder: str, progress: Progress | None = None) -> LoadedModel:
    """Load a model of the list by its name, downloading it where necessary, or any folder by its path.

    Slow (imports torch; may download): call it off the main loop. Raises ModelUnavailable.
    """
    report = rising(progress or (lambda fraction: None))
    report(0.0)
    listed = {offer.name: offer for offer in offers()}
    path = Path(name_or_folder).expanduser()
    if name_or_folder not in listed and path.is_dir():
        offer = Offer(path.resolve().name, HERE, path.resolve())
    else:
        offer = offer_named(name_or_folder)
    folder, start = offer.folder, 0.0
    if folder is None:
        from core.download import download

        start = 0.9  # of the bar is the download
        folder = download(offer.name, portion(report, 0.0, start))

    with lean_torch():
        from core.model_folder import read_model

        return read_model(offer.name, folder, offer.revision, portion(report, start, 1.0))


def cached_folder(name: str) -> Path | None:
    """Where the hub's local cache holds the pinned files of a model, complete; None if it does not.

    The hub knows these models by a short name (`gpt2`) and with their owner; the cache keeps the two apart.
    """
    from huggingface_hub import constants

    hub = HUB[name]
    for repository in (f"models--{hub.owner}--{name}", f"models--{name}"):
        folder = Path(constants.HF_HUB_CACHE, repository, "snapshots", hub.revision)
        if all((folder / file).exists() for file in FILES):
            return folder
    return None


def _folder_of_environment() -> Path | None:
    asked = os.environ.get("LAB_MODEL", "")
    folder = Path(asked).expanduser().resolve()
    return folder if asked and asked != SHIPPED and asked not in HUB and folder.is_dir() else None
