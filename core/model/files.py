"""What the files of a model are, told from their names and first bytes, before anything reads them whole."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

from safetensors import SafetensorError, safe_open

from core.model.catalogue import ModelUnavailable
from core.model.hub import CONFIG, INDEX, VOCABULARIES, WEIGHTS, shards

SAVED_WHOLE = "name one that save_pretrained has written."
OTHER_MODEL = "choose a causal language model such as GPT-2."
VARIANT = re.compile(r"model\.([^.-]+)(?:-.*)?\.safetensors")
NO_WEIGHTS = ("training_args.bin", "optimizer.pt", "scheduler.pt", "scaler.pt", "rng_state.pth")  # of a training
OTHER_FORMATS = (
    (
        (".bin", ".pt", ".pth", ".ckpt"),
        "has its weights only as a pickle, which could run code on this machine: "
        "save it again with save_pretrained, which writes model.safetensors.",
    ),
    (
        (".safetensors",),
        "has {file}, which is not what save_pretrained writes (model.safetensors): save the model again with it.",
    ),
    (
        (".gguf",),
        "has its weights only as GGUF ({file}), a format of llama.cpp: "
        "choose the model that it was made from, with model.safetensors.",
    ),
    (
        (".h5", ".msgpack", ".onnx", ".ot", ".mlmodel", ".tflite"),
        "has its weights only for programs without torch ({file}): choose a model with model.safetensors.",
    ),
)
"""How the names of such files end, and what is said of a model that has these and no others."""


class ModelFiles(NamedTuple):
    """Where the files of a model lie: a folder is its user's own, the hub's cache can be fetched again."""

    name: str
    folder: Path
    of_hub: bool

    def remedy(self, of_folder: str) -> str:
        """What to do about a file that is damaged: `of_folder`, but in the hub's cache to fetch it anew."""
        repository = self.folder.parent.parent  # which holds the files' contents, and here only links to them
        return f"delete {repository} and choose it again." if self.of_hub else of_folder


def weight_files(files: ModelFiles) -> list[Path]:
    """The files that hold the weights, each there, whole and of the right kind. Raises ModelUnavailable."""
    name, folder = files.name, files.folder
    try:
        names = {path.name for path in folder.iterdir()}
        if "adapter_config.json" in names or not {WEIGHTS, INDEX} & names:
            raise without_weights(name, names, base_of_adapter(folder))
        weights = [folder / file for file in ([WEIGHTS] if WEIGHTS in names else shards(folder))]
        for path in (folder / CONFIG, *weights):
            if path.is_file():
                path.open("rb").close()  # what reads them says less about why it could not
    except PermissionError as error:
        raise ModelUnavailable(
            f"{error.filename} cannot be read by the user that the lab runs as: allow it to (chmod -R a+rX {folder})."
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        remedy = files.remedy("save the model again with save_pretrained.")
        raise ModelUnavailable(f"{INDEX} of {name} is broken: {remedy}") from error
    for path in weights:
        check_whole(files, path)
    return weights


def check_whole(files: ModelFiles, file: Path) -> None:
    """Raises ModelUnavailable for a file of weights that is missing, empty, cut short or none."""
    whole = files.remedy("put the whole file there, or choose another model.")
    if not file.is_file():
        raise ModelUnavailable(f"{file.name} of {files.name} is missing: {whole}")
    if not file.stat().st_size:
        raise ModelUnavailable(f"{file.name} of {files.name} is empty: {whole}")
    try:
        safe_open(file, "numpy").__enter__()
    except (SafetensorError, OSError) as error:
        raise ModelUnavailable(f"{file.name} of {files.name} is cut short or no safetensors file: {whole}") from error


def without_weights(name: str, names: Collection[str], base: str = "") -> ModelUnavailable:
    """Why no weights can be read, where these are the names of all files and `model.safetensors` is not among them."""
    if "adapter_config.json" in names:
        of = f" of {base}" if base else ""
        return ModelUnavailable(
            f"{name} is an adapter{of} (LoRA or another of PEFT's), which changes a model and is none: "
            "merge it into its model (merge_and_unload) and save that with save_pretrained."
        )
    if "model_index.json" in names:
        return ModelUnavailable(f"{name} is a diffusion pipeline and not a language model: {OTHER_MODEL}")
    if found := next(filter(None, map(VARIANT.fullmatch, sorted(names))), None):
        file, variant = found.group(0, 1)
        return ModelUnavailable(
            f"{name} has its weights only as the variant {variant} ({file}), and the lab reads {WEIGHTS}: "
            f'save it again (from_pretrained with variant="{variant}", then save_pretrained).'
        )
    for endings, told in OTHER_FORMATS:
        for file in sorted(names):
            if file.endswith(endings) and file not in NO_WEIGHTS:
                return ModelUnavailable(f"{name} {told.format(file=file)}")
    return ModelUnavailable(f"{name} has no weights ({WEIGHTS}): {SAVED_WHOLE}")


def base_of_adapter(folder: Path) -> str:
    """The model that an adapter says to change; empty where there is none that says so."""
    try:
        base = json.loads((folder / "adapter_config.json").read_text("utf-8"))["base_model_name_or_path"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return base if isinstance(base, str) else ""


def config_values(files: ModelFiles) -> dict[str, Any]:
    """What config.json says. Raises ModelUnavailable where it says nothing, and where it is of no language model."""
    name, path = files.name, files.folder / CONFIG
    if not path.is_file():
        raise without_config(name)
    try:
        values = json.loads(path.read_bytes())
    except ValueError:
        values = None
    if not isinstance(values, dict):
        told = "is no JSON of names and values" if path.stat().st_size else "is empty"
        remedy = files.remedy("put the one there that belongs to the weights.")
        raise ModelUnavailable(f"{CONFIG} of {name} {told}: {remedy}")
    if "_diffusers_version" in values:
        raise ModelUnavailable(f"{name} is part of a diffusion pipeline and not a language model: {OTHER_MODEL}")
    packed = values.get("quantization_config")
    if packed is not None:
        method = packed.get("quant_method") if isinstance(packed, dict) else None
        raise ModelUnavailable(
            f"The weights of {name} are quantised{f' ({method})' if method else ''}, and the lab shows float32: "
            "choose the model that they were made from."
        )
    return values


def without_config(name: str) -> ModelUnavailable:
    return ModelUnavailable(f"{name} has no {CONFIG}: {SAVED_WHOLE}")


def has_vocabulary(folder: Path) -> bool:
    """Whether there is a tokenizer's vocabulary among the files; without one transformers would make an empty one."""
    return any((folder / file).exists() for file in VOCABULARIES)
