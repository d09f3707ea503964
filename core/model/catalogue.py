"""The models on offer. Saying what is on offer needs neither torch nor transformers."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from core.model.hub import HUB, HubModel, cached_folder, hub_model
from core.model.tokens import visible

SHIPPED = "lab-small"
SHIPPED_FOLDER = Path(__file__).resolve().parents[1] / "default_model"
HERE = "already on this machine"


class ModelUnavailable(Exception):
    """A model cannot be had. The message is one sentence for the page: what happened and what to do."""


@dataclass(frozen=True)
class Offer:
    """A model that can be chosen."""

    name: str
    note: str
    folder: Path | None
    """Where its files are; None until they are on this machine."""
    hub: HubModel | None = None
    """What it is on the hub; None for a folder."""

    @property
    def revision(self) -> str | None:
        """The commit on the hub, which the cache names its folders by; None for a folder, and before a download."""
        return self.folder.name if self.hub and self.folder else None

    @property
    def label(self) -> str:
        """How the drop-down lists it."""
        return f"{self.name} ({self.note})"


def offers() -> tuple[Offer, ...]:
    """The models on offer: the shipped one, the hub's, and what LAB_MODEL names, a folder or another of the hub's.

    A folder hides a model of the hub that has the same name.
    """
    listed = {SHIPPED: Offer(SHIPPED, "shipped", SHIPPED_FOLDER)} | {name: offer_of_hub(name) for name in HUB}
    asked = os.environ.get("LAB_MODEL", "")
    if asked and asked not in listed:
        if (folder := folder_named(asked)) is not None:
            listed[name_of(folder)] = Offer(name_of(folder), HERE, folder)
        elif hub_model(asked):
            listed[asked] = offer_of_hub(asked)
    return tuple(listed.values())


def offer_of_hub(name: str) -> Offer:
    """A model of the hub's, `gpt2` or `owner/name@revision`, with where it is."""
    hub, folder = hub_model(name), cached_folder(name)
    assert hub is not None
    size = f" of {hub.megabytes:,} MB" if hub.megabytes else ""
    return Offer(name, HERE if folder else f"download{size}", folder, hub)


def offer_named(name: str) -> Offer:
    """The offer of that name. Raises ModelUnavailable for a name that is not on the list."""
    listed = {offer.name: offer for offer in offers()}
    if name not in listed:
        known = ", ".join(listed)
        raise ModelUnavailable(f"There is no model called “{visible(name[:60])}” here: choose one of {known}.")
    return listed[name]


def default_name() -> str:
    """The model that LAB_MODEL asks for (a name of the list, a folder, a name on the hub), else the one that ships.

    Raises ModelUnavailable where LAB_MODEL is none of these.
    """
    asked = os.environ.get("LAB_MODEL", "")
    if asked in ("", SHIPPED, *HUB):
        return asked or SHIPPED
    if (folder := folder_named(asked)) is not None:
        return name_of(folder)
    if hub_model(asked) is None:
        raise ModelUnavailable(
            f"LAB_MODEL is “{visible(asked[:200])}”, which is no folder here, no model of the list and no name on the "
            f"hub: set it to a folder, to owner/name or to one of {', '.join([SHIPPED, *HUB])}."
        )
    return asked


def offer_anywhere(name_or_folder: str) -> Offer:
    """A model of the list, a folder by its path, or one of the hub's by owner and name. Raises ModelUnavailable."""
    if any(offer.name == name_or_folder for offer in offers()):
        return offer_named(name_or_folder)
    if (folder := folder_named(name_or_folder)) is not None:
        return Offer(name_of(folder), HERE, folder)
    return offer_of_hub(name_or_folder) if hub_model(name_or_folder) else offer_named(name_or_folder)


def folder_named(path: str) -> Path | None:
    """A folder by its path; None for what is none, or lies where this user may not look."""
    folder = Path(os.path.expanduser(path))  # unlike Path's own it does not mind a user who is not there
    return folder.resolve() if os.path.isdir(folder) else None


def name_of(folder: Path) -> str:
    """A folder's own name, and where that is the shipped model's, whose pictures are stored, its parent's before it."""
    return folder.name if folder.name != SHIPPED else f"{folder.parent.name}/{folder.name}"
