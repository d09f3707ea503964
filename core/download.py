"""Fetch one of the hub's models into its local cache, telling how far it is."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

from huggingface_hub import constants, get_hf_file_metadata, hf_hub_download, hf_hub_url

from core.models import FILES, HUB, ModelUnavailable
from core.progress import Progress, silent_bar

SECONDS_TO_ANSWER = 5
TRY_AGAIN = "check the network and choose it again, or stay with a model that is here."


def download(name: str, progress: Progress) -> Path:
    """The folder with the pinned files of a model, complete.

    Raises ModelUnavailable without a network, without room on the disk, and when the download breaks off (the
    hub's client goes on after a short interruption, and leaves nothing behind after a long one).
    """
    revision, repository = HUB[name].revision, f"{HUB[name].owner}/{name}"
    cache = Path(constants.HF_HUB_CACHE)
    if free_megabytes(cache) < HUB[name].megabytes:
        raise no_room(name, cache)
    try:  # once and briefly: the download itself would knock for half a minute before it gives up
        weights = hf_hub_url(repository, FILES[-1], revision=revision)
        get_hf_file_metadata(weights, timeout=SECONDS_TO_ANSWER, token=False)
    except Exception as error:
        raise ModelUnavailable(
            f"{name} is not on this machine and the model hub does not answer: {TRY_AGAIN}"
        ) from error
    try:
        # token=False: the models are public, and an old login must not stand in the way.
        for file in FILES:  # the weights come last, and only they take long
            bar = silent_bar(progress if file == FILES[-1] else lambda fraction: None)
            path = hf_hub_download(repository, file, revision=revision, tqdm_class=bar, token=False)
    except PermissionError as error:
        raise ModelUnavailable(
            f"{name} cannot be stored in {cache}: make that folder writable, or set HF_HOME to another."
        ) from error
    except Exception as error:  # the hub's client has a dozen kinds: of HTTP, of its own storage, of the disk
        if getattr(error, "errno", None) == errno.ENOSPC:
            raise no_room(name, cache) from error
        raise ModelUnavailable(f"The download of {name} broke off: {TRY_AGAIN}") from error
    return Path(path).parent


def no_room(name: str, cache: Path) -> ModelUnavailable:
    return ModelUnavailable(
        f"{name} needs {HUB[name].megabytes:,} MB and the disk of {cache} has {free_megabytes(cache):,} MB left: "
        "free some room, or set HF_HOME to a folder on another disk."
    )


def free_megabytes(folder: Path) -> int:
    """Room left on the disk where a folder lies, or will lie."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return shutil.disk_usage(there).free // 1_000_000
