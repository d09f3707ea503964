"""Train the model that ships: ``python -m core.default_model.training.train TEXT [TEXT ...] --out FOLDER``.

A plain loop over `transformers`' own GPT2LMHeadModel. Muon moves the matrices and AdamW the rest; on a processor
one process a core trains data-parallel, on GPUs one a card. Stop it with Ctrl+C or by a kill: the same command
goes on from the last checkpoint. The defaults of `Settings` are those that made the shipped model.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

from torch.nn.utils import parametrize
from transformers import PreTrainedTokenizerFast

from core.default_model.training import Refused, checkpoints, corpus
from core.default_model.training.card import Inputs, write_card
from core.default_model.training.loop import train_team
from core.default_model.training.recipe import Settings, new_model, query_key_value_projections

# May differ between two sittings of one run: they change its length or its pace, not the steps already made.
FREE_TO_CHANGE = {"steps", "compile", "checkpoint_seconds", "validation_every", "validation_windows"}


def check_resumed(settings: Settings, checkpoint: dict[str, Any]) -> None:
    """Raises Refused where `settings` would not continue the checkpoint's run but change it."""
    begun = Settings(**checkpoint["settings"])
    changed = [f.name for f in fields(Settings) if getattr(begun, f.name) != getattr(settings, f.name)]
    if bad := sorted(set(changed) - FREE_TO_CHANGE):
        raise Refused(f"the checkpoint was made with other settings ({', '.join(bad)}): name another --work folder")
    if "steps" in changed and checkpoint["step"] > settings.constant * min(begun.steps, settings.steps):
        raise Refused("the rates are falling already: the number of steps can no longer change")


def write_model(checkpoint: dict[str, Any], work: Path, out: Path) -> None:
    """The checkpoint's weights in float16 safetensors and the tokenizer, as `from_pretrained` reads them."""
    settings = Settings(**checkpoint["settings"])
    model = new_model(settings, end_of_text=0)
    model.load_state_dict(checkpoint["model"])
    for projection in query_key_value_projections(model):
        parametrize.remove_parametrizations(projection, "weight")
    model.half().save_pretrained(out)
    PreTrainedTokenizerFast.from_pretrained(work / "tokenizer").save_pretrained(out)


def publish(work: Path, out: Path, paragraph: str | None, about: str) -> None:
    """Write the last checkpoint's model, its tokenizer and its card to `out`."""
    checkpoint = checkpoints.load_latest(work)
    write_model(checkpoint, work, out)
    print(f"measuring the model in {out} for its card", flush=True)
    training, validation = corpus.load_tokens(work, "training"), corpus.load_tokens(work, "validation")
    if paragraph is None:
        tokenizer = PreTrainedTokenizerFast.from_pretrained(out)
        paragraph = tokenizer.decode(validation.ids[: checkpoint["settings"]["positions"]])
    write_card(Inputs(out, checkpoint, training, validation, paragraph, about))


def yes_or_no(text: str) -> bool:
    return {"yes": True, "no": False}[text.lower()]


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    name, words = "python -m core.default_model.training.train", "Train the model that ships."
    parser = argparse.ArgumentParser(prog=name, description=words)
    parser.add_argument("texts", nargs="+", type=Path, help="text files, or folders of .txt files")
    parser.add_argument("--validation", nargs="+", type=Path, default=[], help="held-out text (default: the last 2 %%)")
    parser.add_argument("--out", type=Path, required=True, help="where the model, its tokenizer and its card go")
    parser.add_argument("--work", type=Path, default=Path("training"), help="checkpoints and token files")
    parser.add_argument("--paragraph", type=Path, help="a held-out paragraph for the card's head table")
    parser.add_argument("--about", type=Path, help="a few lines on the text's origin and licence, for the card")
    parser.add_argument("--force", action="store_true", help="replace a model that is in --out already")
    for field in fields(Settings):
        kind = yes_or_no if isinstance(field.default, bool) else type(field.default)
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=kind, default=field.default)
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """The command line; 0 when the model is written or the run was stopped, 2 and one line for bad input."""
    options = parse_arguments(arguments)
    settings = Settings(**{field.name: getattr(options, field.name) for field in fields(Settings)})
    try:
        if (options.out / "model.safetensors").exists() and not options.force:
            raise Refused(f"{options.out} holds a model already: name another folder, or add --force")
        corpus.prepare(
            options.texts,
            options.validation,
            options.work,
            vocabulary=settings.vocabulary,
            positions=settings.positions,
            windows=settings.windows,
        )
        if checkpoint := checkpoints.load_latest(options.work):
            check_resumed(settings, checkpoint)
        paragraph = options.paragraph.read_text(encoding="utf-8").strip() if options.paragraph else None
        about = options.about.read_text(encoding="utf-8") if options.about else "Not said."
        if train_team(settings, options.work):
            publish(options.work, options.out, paragraph, about)
    except Refused as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
