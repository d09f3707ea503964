"""Fetch a model from the hub into its local cache, telling how far it is."""

from __future__ import annotations

import errno
import math
import shutil
from fnmatch import fnmatch
from pathlib import Path

from huggingface_hub import HfApi, ModelInfo, constants, get_token, hf_hub_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from core.model.catalogue import ModelUnavailable
from core.model.files import ModelFiles, without_config, without_weights
from core.model.hub import CONFIG, INDEX, VOCABULARIES, WEIGHTS, HubModel, hub_model
from core.model.lean import lean_torch
from core.progress import Progress, portion, silent_bar

BESIDE_A_VOCABULARY = ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")
SHARD = "model-*-of-*.safetensors"
SECONDS_TO_ANSWER = 5
STAY = "or stay with a model that is here."
TRY_AGAIN = f"check the network and choose it again, {STAY}"


def download(name: str, progress: Progress) -> Path:
    """The folder with the files of a model, complete, which bears the name of the commit.

    Raises ModelUnavailable where the hub has no such model, or none for the lab or for everybody; without a network,
    without room on the disk, and when the download breaks off (the hub's client goes on after a short interruption,
    and leaves nothing behind after a long one).
    """
    hub = hub_model(name)
    assert hub is not None
    found, token = ask(name, hub)
    sizes = wanted(name, found)
    cache, total = Path(constants.HF_HUB_CACHE), sum(sizes.values()) or 1
    if free_megabytes(cache) < total / 1e6:
        raise no_room(name, total, cache)
    folder, done = None, 0
    try:
        for file, size in sizes.items():
            bar = silent_bar(portion(progress, done / total, (done + size) / total))
            # The first by the branch's name, which the client then notes; the others are of the same commit.
            revision = folder.name if folder else hub.revision
            path = hf_hub_download(hub.repository, file, revision=revision, tqdm_class=bar, token=token)
            folder, done = Path(path).parent, done + size
            if file == CONFIG:  # it comes first, and the weights take long
                check_kind(name, folder)
    except ModelUnavailable:
        raise
    except PermissionError as error:
        raise ModelUnavailable(
            f"{name} cannot be stored in {cache}: make that folder writable, or set HF_HOME to another."
        ) from error
    except GatedRepoError as error:
        raise gated(name, hub) from error
    except Exception as error:  # the hub's client has a dozen kinds: of HTTP, of its own storage, of the disk
        if getattr(error, "errno", None) == errno.ENOSPC:
            raise no_room(name, total, cache) from error
        raise ModelUnavailable(f"The download of {name} broke off: {TRY_AGAIN}") from error
    assert folder is not None
    return folder


def check_kind(name: str, folder: Path) -> None:
    """Raises ModelUnavailable for a model that the lab cannot show, by its config alone."""
    with lean_torch():
        from core.model.config import read_config

        read_config(ModelFiles(name, folder, of_hub=True))


def ask(name: str, hub: HubModel) -> tuple[ModelInfo, str | bool]:
    """What the hub has under a name, and the login that it takes to get it. Raises ModelUnavailable.

    Once and briefly: the download itself would knock for half a minute before it gives up.
    """

    def told(token: str | bool) -> ModelInfo:
        return HfApi().model_info(
            hub.repository, revision=hub.revision, files_metadata=True, timeout=SECONDS_TO_ANSWER, token=token
        )

    token: str | bool = False  # an old login must not stand in the way of what is there for everybody
    try:
        try:
            found = told(token)
        except RepositoryNotFoundError:  # or not shown to everybody
            token = get_token() or False
            if not token:
                raise
            found = told(token)
    except Exception as error:
        raise why_not(name, hub, error) from error
    if found.gated and not (token := get_token() or False):
        raise gated(name, hub)
    return found, token


def why_not(name: str, hub: HubModel, error: Exception) -> ModelUnavailable:
    """What the hub's client means by an error, and what to do about it."""
    match error:
        case RevisionNotFoundError():
            told = f"The hub's {hub.repository} has no revision “{hub.revision}”"
            return ModelUnavailable(f"{told}: name one of its branches, tags or commits.")
        case GatedRepoError():
            return gated(name, hub)
        case RepositoryNotFoundError() | HFValidationError():
            return ModelUnavailable(
                f"The hub shows no model called {hub.repository}, and there is no folder of that name: "
                "check the name, and set HF_TOKEN if the model is private."
            )
        case OfflineModeIsEnabled():
            told = "HF_HUB_OFFLINE keeps the lab from asking the hub"
            return ModelUnavailable(f"{name} is not on this machine, and {told}: unset it, {STAY}")
        case HfHubHTTPError():
            told = f"the model hub answers with an error ({error.response.status_code})"
            return ModelUnavailable(f"{name} is not on this machine and {told}: choose it again later, {STAY}")
        case _:  # whatever keeps a machine from another
            return ModelUnavailable(
                f"{name} is not on this machine and the model hub does not answer: {TRY_AGAIN}"
            )


def wanted(name: str, found: ModelInfo) -> dict[str, int]:
    """The files to fetch and their bytes, the weights last. Raises ModelUnavailable where they are not there."""
    sizes = {file.rfilename: file.size or 0 for file in found.siblings or []}
    if "adapter_config.json" in sizes or not {WEIGHTS, INDEX} & sizes.keys():
        raise without_weights(name, sizes)
    if CONFIG not in sizes:
        raise without_config(name)
    vocabulary = ("tokenizer.json",) if "tokenizer.json" in sizes else (*VOCABULARIES, "merges.txt")
    shards = [INDEX, *sorted(file for file in sizes if fnmatch(file, SHARD))]
    weights = [WEIGHTS] if WEIGHTS in sizes else shards
    return {
        file: sizes[file] for file in (CONFIG, *vocabulary, *BESIDE_A_VOCABULARY, *weights) if file in sizes
    }


def gated(name: str, hub: HubModel) -> ModelUnavailable:
    return ModelUnavailable(
        f"{name} is only for those who have accepted its terms: accept them at {constants.ENDPOINT}/{hub.repository} "
        "and set HF_TOKEN to a token of yours."
    )


def no_room(name: str, size: int, cache: Path) -> ModelUnavailable:
    return ModelUnavailable(
        f"{name} needs {math.ceil(size / 1e6):,} MB and the disk of {cache} has {free_megabytes(cache):,} MB left: "
        "free some room, or set HF_HOME to a folder on another disk."
    )


def free_megabytes(folder: Path) -> int:
    """Room left on the disk where a folder lies, or will lie."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return shutil.disk_usage(there).free // 1_000_000
