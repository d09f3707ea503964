"""Checkpoints that outlive a kill: renamed into place, the last two kept, damaged ones passed over."""

from __future__ import annotations

import os
import pickle
import sys
import zipfile
from pathlib import Path
from typing import Any

import torch

from core.default_model.training import Refused

KEPT = 2


def checkpoint_files(folder: Path) -> list[Path]:
    """The checkpoints in `folder`, newest first."""
    return sorted(folder.glob("step-*.pt"), reverse=True)


def save(folder: Path, step: int, payload: dict[str, Any]) -> None:
    """Write `payload` as the checkpoint of `step` and drop all but the last `KEPT`."""
    partial = folder / "partial.pt"
    with partial.open("wb") as file:
        torch.save(payload, file)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(folder / f"step-{step:07d}.pt")
    for old in checkpoint_files(folder)[KEPT:]:
        old.unlink()


def load_latest(folder: Path) -> dict[str, Any]:
    """The newest checkpoint that can be read, empty where there is none; a line on stderr for each damaged one.

    Raises Refused where none of those that are there can be read.
    """
    files = checkpoint_files(folder)
    for file in files:
        try:
            if zipfile.ZipFile(file).testzip() is not None:
                raise zipfile.BadZipFile("checksum")
            return torch.load(file, map_location="cpu", weights_only=True)
        except (zipfile.BadZipFile, OSError, RuntimeError, EOFError, KeyError, pickle.UnpicklingError):
            print(f"{file.name} is damaged; going back to the one before", file=sys.stderr, flush=True)
    if files:
        raise Refused(f"every checkpoint in {folder} is damaged: remove the folder to start over")
    return {}
