"""Captures kept on disk, so that a class that runs the same text runs the model once.

An entry is one file, named by what went into it. It is written beside its place and then renamed, so a reader never
sees half of one, and of several writers the last one wins with the same content. Looking one up writes and removes
nothing; what was stored first makes room. Whatever the folder does, a text is run all the same.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sys
from contextlib import suppress
from pathlib import Path
from threading import get_ident

from core.model.capture import Capture, read_capture, write_capture
from core.model.catalogue import offers

FORMAT = 2
"""To be raised when a capture of the same text and model comes to hold something else, or other texts are kept."""
PREFIX = f"{FORMAT}-"
MOST_BYTES = 1_000_000_000
SUFFIX = ".capture.npz"
KINDS = (".safetensors", ".json", ".txt", ".model")  # of a model's files


def stored_capture(key: str | None, text: str) -> Capture | None:
    """What was stored for a text on the model of a `model_key`, if it is whole; needs neither tokenizer nor torch."""
    if key is None:
        return None
    path = entry(key, text)
    try:
        capture = read_capture(path)
        if capture.text != text:
            raise ValueError("it is of another text")
    except FileNotFoundError:
        return None
    except Exception as error:  # a damaged file may be anything, and so may what stands in its place
        logging.getLogger(__name__).warning("the stored capture %s cannot be read: %s", path, error)
        return None
    return capture


def store_capture(key: str | None, capture: Capture, most_bytes: int = MOST_BYTES) -> None:
    """Keep a capture, if it takes no more than a third of the room. Where that cannot be done it is only logged."""
    size = capture.query.nbytes + capture.key.nbytes + capture.value.nbytes
    if key is None or size > most_bytes / 3:
        return
    path = entry(key, capture.text)
    # Left behind by a kernel that was ended in the middle, it goes in its turn.
    unfinished = path.with_name(f".{PREFIX}{os.getpid()}-{get_ident()}{SUFFIX}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_capture(capture, unfinished)
        unfinished.replace(path)
        make_room(path.parent, most_bytes)
    except Exception as error:  # the folder may be anything
        logging.getLogger(__name__).warning("no capture can be stored in %s: %s", path.parent, error)
        with suppress(OSError):
            unfinished.unlink()


def make_room(folder: Path, most_bytes: int) -> None:
    """Remove the entries that were stored first, until all together take no more than so many bytes.

    Before that all entries of earlier versions go: they may hold what a learner typed. What may not be removed stays.
    """
    known = []
    for path in folder.glob(f"*{SUFFIX}"):
        with suppress(OSError):  # somebody else makes room too, or it is somebody else's
            if path.name.startswith((PREFIX, f".{PREFIX}")):
                known.append((path.stat().st_mtime_ns, path.stat().st_size, path))
            else:
                path.unlink()
    total = sum(size for _, size, _ in known)
    for _, size, path in sorted(known):
        if total <= most_bytes:
            return
        with suppress(OSError):
            path.unlink()
            total -= size


def model_key(name: str) -> str | None:
    """What changes when a model's weights, config or tokenizer do: with the text it says the tokens and all else.

    The commit on the hub, or where and when each file of the folder was last written: the system keeps the time of
    a change (`st_ctime`) whatever a copying program sets. None for a model that is not on this machine, or that lies
    where this user may not look.
    """
    offer = next((offer for offer in offers() if offer.name == name), None)
    if offer is None or offer.folder is None:
        return None
    if offer.revision is not None:
        return ascii((name, offer.revision))
    try:
        files = [(path.name, path.stat()) for path in sorted(offer.folder.iterdir()) if path.suffix in KINDS]
    except OSError:
        return None
    places = ((file, at.st_dev, at.st_ino, at.st_size, at.st_mtime_ns, at.st_ctime_ns) for file, at in files)
    return ascii((name, *places))


def entry(key: str, text: str) -> Path:
    """The file for a text on a model."""
    return cache_folder() / f"{PREFIX}{hashlib.sha256(ascii((key, text)).encode()).hexdigest()}{SUFFIX}"


def cache_folder() -> Path:
    """LAB_CACHE, else the lab's folder among the user's caches, where the system has them."""
    if asked := os.environ.get("LAB_CACHE"):
        return Path(os.path.expanduser(asked))  # unlike Path's own it does not mind a user who is not there
    if sys.platform == "darwin":
        caches = Path(os.path.expanduser("~/Library/Caches"))
    else:
        caches = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))
    return caches / "attention-scores-lab"
