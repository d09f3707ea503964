"""`python -m core`: all numbers of the nine parts for one text, without the page."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from typing import NoReturn

from tqdm import tqdm

from core.capture import NoText, capture
from core.export import BadFolder, folder_when_done, settings_of, write_export
from core.models import ModelUnavailable, default_name, load
from core.progress import portion
from core.study import MASK_SIZE, default_layer, study_arrays
from core.texts import DEFAULT_TEXT
from core.writing import counted

BAD_INPUT = 2
SMALLEST_MASK, LARGEST_MASK = 2, 12


class BadInput(ValueError):
    """What was asked for cannot be done; the message says why."""


class OneLineParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line, without the usage: --help has that."""
        self.exit(BAD_INPUT, f"{self.prog}: {message}\n")


def parser() -> OneLineParser:
    options = OneLineParser(prog="python -m core", description="Write the numbers of the nine parts for one text.")
    add = options.add_argument
    add("--model", metavar="MODEL", help="as the page lists it, a folder, or owner/name of the hub; default: LAB_MODEL")
    add("--text-file", metavar="FILE", type=Path, help="UTF-8 text; default: the lab's default text")
    add("--layer", type=int, help="for parts 3, 4, 7 and 9; default: round(6/23 · (layers − 1))")
    add("--mask-size", type=int, default=MASK_SIZE, help=f"for part 7, 2 to 12; default: {MASK_SIZE}")
    add("--out", metavar="FOLDER", type=Path, required=True, help="a new folder")
    add("--force", action="store_true", help="replace an export that is there already")
    return options


def read_text(path: Path | None) -> str:
    """The file's text as it is, line ends included. Raises BadInput, OSError."""
    if path is None:
        return DEFAULT_TEXT
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 text") from error


def run(options: argparse.Namespace) -> str:
    """Write the export; what to tell the user. Raises BadInput and what loading, capturing and writing raise."""
    if not SMALLEST_MASK <= options.mask_size <= LARGEST_MASK:
        raise BadInput(f"the mask size {options.mask_size} is not between {SMALLEST_MASK} and {LARGEST_MASK}")
    text = read_text(options.text_file)
    with (
        folder_when_done(options.out, options.force) as folder,
        tqdm(total=1.0, bar_format="{desc:<14}{bar} {percentage:3.0f} %", leave=False, disable=None) as bar,
    ):

        def progress(fraction: float) -> None:
            bar.update(fraction - bar.n)

        bar.set_description_str("loading")
        loaded = load(options.model or default_name(), portion(progress, 0.0, 0.4))
        layers = loaded.facts.layers
        layer = default_layer(layers) if options.layer is None else options.layer
        if not 0 <= layer < layers:
            known = f"the layers 0 to {layers - 1}" if layers > 1 else "layer 0 alone"
            raise BadInput(f"there is no layer {layer}: {loaded.facts.name} has {known}")
        bar.set_description_str("running")
        recorded = capture(loaded, text)
        bar.set_description_str("nine parts")
        arrays = study_arrays(recorded, layer, options.mask_size, portion(progress, 0.5, 0.9))
        bar.set_description_str("writing")
        write_export(folder, arrays, settings_of(recorded, layer, options.mask_size))
        progress(1.0)
    cut = "" if recorded.tokens == recorded.text_tokens else f" (the first of {recorded.text_tokens:,})"
    return f"{options.out}: {counted(recorded.tokens, 'token')}{cut}, {loaded.facts.name}, layer {layer}"


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0, or 2 with one line on stderr."""
    options = parser().parse_args(arguments)
    try:
        print(run(options))
    except (BadInput, BadFolder, NoText, ModelUnavailable, OSError) as error:
        print("python -m core:", " ".join(str(error).split()), file=sys.stderr)
        return BAD_INPUT
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # so that folders are cleaned up
    sys.exit(main())
