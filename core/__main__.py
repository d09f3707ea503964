"""`python -m core`: all numbers of all parts for one text, without the page."""

from __future__ import annotations

import argparse
import signal
import sys
import tomllib
from pathlib import Path
from typing import NoReturn

from tqdm import tqdm

from core.attention.intervention import UNCHANGED, BadIntervention, Intervention, from_table
from core.export.files import EXPERIMENT, BadFolder, folder_when_done, settings_of, study_arrays, write_export
from core.model.capture import Capture, capture
from core.model.catalogue import default_name
from core.model.experiments import REFUSED
from core.model.facts import LoadedModel
from core.model.loading import load
from core.model.texts import DEFAULT_TEXT
from core.parts.effect import Effect
from core.parts.settings import default_layer
from core.parts.softmax import MASK_SIZE
from core.progress import portion
from core.writing import counted

BAD_INPUT = 2


class BadInput(ValueError):
    """What was asked for cannot be done; the message says why."""


class OneLineParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line, without the usage: --help has that."""
        self.exit(BAD_INPUT, f"{self.prog}: {message}\n")


def parser() -> OneLineParser:
    options = OneLineParser(prog="python -m core", description="Write the numbers of all parts for one text.")
    add = options.add_argument
    add("--model", metavar="MODEL", help="as the page lists it, a folder, or owner/name of the hub; default: LAB_MODEL")
    add("--text-file", metavar="FILE", type=Path, help="UTF-8 text; default: the lab's default text")
    add("--experiment", metavar="FILE.toml", type=Path, help="[[change]] tables: what is otherwise in the run")
    add("--layer", type=int, help="for parts 3, 4, 7 and 9; default: round(6/23 · (layers − 1))")
    sizes = f"{MASK_SIZE.low} to {MASK_SIZE.high}; default: {MASK_SIZE.default}"
    add("--mask-size", type=int, default=MASK_SIZE.default, help=f"for part 7, {sizes}")
    add("--out", metavar="FOLDER", type=Path, required=True, help="a new folder")
    add("--force", action="store_true", help="replace an export that is there already")
    return options


def read_text(path: Path) -> str:
    """The file's text as it is, line ends included. Raises BadInput, OSError."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 text") from error


def read_experiment(path: Path) -> Intervention:
    """The [[change]] tables of a TOML file. Raises BadInput, OSError."""
    try:
        held = tomllib.loads(read_text(path))
        others = [name for name in held if name != "change"]
        if others:
            raise BadInput(f"{path} holds {others[0]!r}, and may hold [[change]] tables only")
        tables = held.get("change")
        if not (isinstance(tables, list) and tables and all(isinstance(table, dict) for table in tables)):
            raise BadInput(f"{path} holds no [[change]] table")
        return tuple(from_table(table) for table in tables)
    except (tomllib.TOMLDecodeError, BadIntervention) as error:
        raise BadInput(f"{path}: {error}") from error


def effect_of(loaded: LoadedModel, changed: Capture) -> Effect:
    """What the model says of a text as it is, and with what was changed for its capture."""
    from core.model.effects import says  # imports torch

    said = dict(says(loaded, changed.token_ids, (UNCHANGED, changed.intervention)))
    return Effect(changed.intervention, said[0], said[1])


def run(options: argparse.Namespace) -> str:
    """Write the export; what to tell the user. Raises BadInput and what loading, capturing and writing raise."""
    low, high = MASK_SIZE.low, MASK_SIZE.high
    if not low <= options.mask_size <= high:
        raise BadInput(f"the mask size {options.mask_size} is not between {low} and {high}")
    text = DEFAULT_TEXT if options.text_file is None else read_text(options.text_file)
    intervention = UNCHANGED if options.experiment is None else read_experiment(options.experiment)
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
        recorded = capture(loaded, text, intervention)
        effect = effect_of(loaded, recorded) if intervention else None
        bar.set_description_str("all parts")
        arrays = study_arrays(recorded, layer, options.mask_size, portion(progress, 0.5, 0.9))
        if effect is not None:
            arrays[EXPERIMENT] = effect.export()
        bar.set_description_str("writing")
        write_export(folder, arrays, settings_of(recorded, layer, options.mask_size))
        progress(1.0)
    cut = "" if recorded.tokens == recorded.text_tokens else f" (the first of {recorded.text_tokens:,})"
    done = f"{options.out}: {counted(recorded.tokens, 'token')}{cut}, {loaded.facts.name}, layer {layer}"
    return done if effect is None else f"{done}\n{effect.sentence()}"


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0, or 2 with one line on stderr."""
    options = parser().parse_args(arguments)
    try:
        print(run(options))
    except (BadInput, BadFolder, *REFUSED, OSError) as error:
        print("python -m core:", " ".join(str(error).split()), file=sys.stderr)
        return BAD_INPUT
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # so that folders are cleaned up
    sys.exit(main())
