"""The numbers as files: study.npz with every array, one CSV a part in long form, settings.json; a table as CSV.

Of a text that was run with an intervention the numbers of all parts are those of the changed run; what the model says
then and as it is stands in a CSV of its own.
"""

from __future__ import annotations

import csv
import io
import json
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
from numpy import ndarray

from core.attention.distributions import SEED
from core.attention.intervention import in_words
from core.model.capture import Capture
from core.model.words import mask_words
from core.parts import PARTS
from core.parts.part import Arrays
from core.parts.softmax import MASK_SIZE
from core.progress import Progress, silent

NPZ, SETTINGS, EXPERIMENT = "study.npz", "settings.json", "experiment"
FILES = {NPZ, SETTINGS, *(f"part{part.number}.csv" for part in PARTS)}
"""Of every export; one of an experiment has a CSV more."""
PACKAGES = ("numpy", "torch", "transformers", "tokenizers")


class BadFolder(ValueError):
    """The export cannot go where it was told to; the message is one sentence for the user."""


def study_arrays(
    capture: Capture, layer: int, mask_size: int = MASK_SIZE.default, progress: Progress = silent
) -> dict[str, Arrays]:
    """All arrays of the parts by the name of their CSV, controls other than layer and mask size at their defaults.

    `progress` is told the share of the parts that are done.
    """
    arrays = {}
    for part in PARTS:
        arrays[f"part{part.number}"] = part.export(capture, layer, mask_size)
        progress(part.number / len(PARTS))
    return arrays


def by_name(arrays: Mapping[str, Arrays]) -> dict[str, ndarray]:
    """The arrays of all files by their names."""
    return {name: array.values for own in arrays.values() for name, array in own.items()}


def write_long_csv(file: io.TextIOBase, arrays: Arrays) -> None:
    """One row a value: the array's name, its indices (empty where it has none of that name), the value.

    Floats have the fewest digits that read back as the same number; −∞ is written -inf.
    """
    columns = list(dict.fromkeys(name for array in arrays.values() for name in array.axes))
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["array", *columns, "value"])
    for name, (array, axes) in arrays.items():
        order = [axes.index(column) if column in axes else None for column in columns]
        indices = product(*(range(length) for length in array.shape))
        values = _as_text(array)
        writer.writerows(
            [name, *("" if axis is None else index[axis] for axis in order), value]
            for index, value in zip(indices, values, strict=True)
        )


def table_as_csv(columns: Mapping[str, ndarray]) -> bytes:
    """Columns of one length under their names, in UTF-8; numbers as in `write_long_csv`."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*map(_as_text, columns.values()), strict=True))
    return file.getvalue().encode()


def _as_text(array: ndarray, chunk: int = 1 << 14) -> Iterator[str]:
    """The values in C order; some at once, as a string of numpy's takes up to 128 bytes."""
    flat = array.reshape(-1)
    for start in range(0, len(flat), chunk):
        yield from flat[start : start + chunk].astype(str).tolist()


def settings_of(capture: Capture, layer: int, mask_size: int) -> dict[str, Any]:
    """What it takes to make the same export again."""
    return {
        "model": capture.model.name,
        "revision": capture.model.revision,
        "text": capture.text,
        "tokens": capture.tokens,
        "text_tokens": capture.text_tokens,
        "layer": layer,
        "mask_size": mask_size,
        "scale": capture.scale.tolist(),
        "softcap": [float(cap) if np.isfinite(cap) else None for cap in capture.softcap],
        "mask": mask_words(capture) or "causal",
        "experiment": in_words(capture.intervention),
        "changes": [change.table() for change in capture.intervention],
        "seed": SEED,
        "versions": {"python": platform.python_version()} | {name: version(name) for name in PACKAGES},
    }


def write_export(folder: Path, arrays: Mapping[str, Arrays], settings: Mapping[str, Any]) -> None:
    """All files of an export into an existing folder; arrays by the name of their CSV."""
    np.savez(folder / NPZ, allow_pickle=False, **by_name(arrays))
    for file_name, own in arrays.items():
        with open(folder / f"{file_name}.csv", "w", encoding="utf-8", newline="") as file:
            write_long_csv(file, own)
    (folder / SETTINGS).write_bytes(settings_as_json(settings))


def settings_as_json(settings: Mapping[str, Any]) -> bytes:
    """In ASCII, as a text may hold lone surrogates, which UTF-8 cannot."""
    return (json.dumps(settings, indent=2) + "\n").encode("ascii")


def zipped(folder: str, files: Mapping[str, bytes]) -> bytes:
    """A ZIP of files by name, all in one folder."""
    content = io.BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(f"{folder}/{name}", data)
    return content.getvalue()


@contextmanager
def folder_when_done(out: Path, force: bool) -> Iterator[Path]:
    """A new folder that takes the place of `out` when the block ends well, and vanishes when it does not.

    It lies beside `out`, or in the nearest folder above that exists. Raises BadFolder at once if `out` is anything
    but new, empty, or, with `force`, an earlier export.
    """
    out = out.resolve()
    above = next(folder for folder in out.parents if folder.exists())
    if not above.is_dir():
        raise BadFolder(f"{above} is a file: an export is a folder and needs folders above it.")
    _refuse_to_overwrite(out, force)
    with TemporaryDirectory(prefix=f".{out.name}-", dir=above) as beside:
        new, old = Path(beside, "new"), Path(beside, "old")
        new.mkdir()
        yield new
        out.parent.mkdir(parents=True, exist_ok=True)
        _refuse_to_overwrite(out, force)  # somebody may have been faster
        if out.exists():
            out.rename(old)
        try:
            new.rename(out)
        except OSError:
            if old.exists():
                old.rename(out)
            raise


def _refuse_to_overwrite(out: Path, force: bool) -> None:
    if not out.exists():
        return
    if not out.is_dir():
        raise BadFolder(f"{out} is a file: name a folder.")
    names = {path.name for path in out.iterdir()}
    if names and not (SETTINGS in names and names <= FILES | {f"{EXPERIMENT}.csv"}):
        raise BadFolder(f"{out} holds files that are no export of the lab: name another folder.")
    if names and not force:
        raise BadFolder(f"{out} holds an export already: name another folder, or replace it with --force.")
