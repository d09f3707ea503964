"""The numbers as files: study.npz with every array, one CSV a part in long form, settings.json; a table as CSV."""

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
from typing import Any, TextIO
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
from numpy import ndarray

from core.capture import Capture
from core.distributions import SEED
from core.model_words import mask_words

# What each axis of each array is called, by part; lengths and meaning are those of the export's table of arrays.
INDEX_NAMES: dict[int, dict[str, tuple[str, ...]]] = {
    1: dict.fromkeys(("part1_sizes", "part1_std_raw", "part1_std_scaled", "part1_theory"), ("step",)),
    2: {
        "tokens": ("token",),
        "token_text": ("token",),
        "part2_next_ids": ("guess",),
        "part2_next_probability": ("guess",),
    },
    3: {"part3_query_heads": ("head", "dimension", "token")},
    4: {"part4_within": ("index",), "part4_across": ("index",)},
    5: {"part5_edges": ("edge",), "part5_within": ("layer", "bin"), "part5_across": ("layer", "bin")},
    6: {
        "part6_mean": ("layer",),
        "part6_std": ("layer",),
        "part6_raw_edges": ("edge",),
        "part6_raw_density": ("layer", "bin"),
        "part6_softmax_edges": ("layer", "edge"),
        "part6_softmax_density": ("layer", "bin"),
    },
    7: {
        "part7_mask_binary": ("query", "key"),
        "part7_mask_causal": ("query", "key"),
        "part7_mask_softmax": ("query", "key"),
        "part7_final_to_previous": ("index",),
        "part7_self": ("index",),
        "part7_first_to_self": ("index",),
    },
    8: {"part8_edges": ("edge",), "part8_density": ("layer", "sample", "bin")},
    9: {"part9_all_heads": ("query", "key"), "part9_per_head_mean": ("query", "key")},
}
NPZ, SETTINGS = "study.npz", "settings.json"
FILES = {NPZ, SETTINGS, *(f"part{part}.csv" for part in INDEX_NAMES)}
PACKAGES = ("numpy", "torch", "transformers", "tokenizers")


class BadFolder(ValueError):
    """The export cannot go where it was told to; the message is one sentence for the user."""


def write_long_csv(file: TextIO, arrays: Mapping[str, ndarray], index_names: Mapping[str, tuple[str, ...]]) -> None:
    """One row a value: the array's name, its indices (empty where it has none of that name), the value.

    Floats have the fewest digits that read back as the same number; −∞ is written -inf.
    """
    columns = list(dict.fromkeys(name for names in index_names.values() for name in names))
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["array", *columns, "value"])
    for name, axes in index_names.items():
        order = [axes.index(column) if column in axes else None for column in columns]
        indices = product(*(range(length) for length in arrays[name].shape))
        values = _as_text(arrays[name])
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
        "seed": SEED,
        "versions": {"python": platform.python_version()} | {name: version(name) for name in PACKAGES},
    }


def write_export(folder: Path, arrays: Mapping[str, ndarray], settings: Mapping[str, Any]) -> None:
    """All files of an export into an existing folder."""
    np.savez(folder / NPZ, allow_pickle=False, **arrays)
    for part, index_names in INDEX_NAMES.items():
        with open(folder / f"part{part}.csv", "w", encoding="utf-8", newline="") as file:
            write_long_csv(file, arrays, index_names)
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
    if names and not (SETTINGS in names and names <= FILES):
        raise BadFolder(f"{out} holds files that are no export of the lab: name another folder.")
    if names and not force:
        raise BadFolder(f"{out} holds an export already: name another folder, or replace it with --force.")
