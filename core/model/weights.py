"""Whether the weights that were read are those that the config asks for, and numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import torch
from transformers import PreTrainedModel

from core.model.catalogue import ModelUnavailable
from core.model.files import ModelFiles
from core.model.hub import CONFIG
from core.writing import counted

LAYER = re.compile(r"\.\d+\.")


def check_found(files: ModelFiles, model: PreTrainedModel, found: dict[str, Any]) -> None:
    """Raises ModelUnavailable where what transformers has `found` is not what the config asks for."""
    others = files.remedy(f"put the {CONFIG} and the weights of one model there.")
    if shapes := sorted(found["mismatched_keys"]):
        path, stored, asked = shapes[0]
        told = f"{path} is {by(stored)} and not {by(asked)}"
        raise ModelUnavailable(
            f"The weights of {files.name} are of another shape than its {CONFIG} says ({told}): {others}"
        )
    if missing := sorted(found["missing_keys"]):
        told = missing[0] if len(missing) == 1 else f"{missing[0]} and {counted(len(missing) - 1, 'other')}"
        raise ModelUnavailable(f"The weights of {files.name} lack some that its {CONFIG} asks for ({told}): {others}")
    known = {path for path, _ in model.named_parameters()}
    if more := sorted(path for path in found["unexpected_keys"] if LAYER.sub(".0.", path, count=1) in known):
        raise ModelUnavailable(
            f"The weights of {files.name} have more layers than its {CONFIG} says ({more[0]}): {others}"
        )


def by(shape: Sequence[int]) -> str:
    """50257 × 768."""
    return " × ".join(map(str, shape))


def refuse_not_numbers(name: str, model: PreTrainedModel) -> None:
    """Raises ModelUnavailable where a weight is a NaN or infinite, which one look at the extremes shows."""
    for path, weight in model.named_parameters():
        if weight.is_floating_point() and weight.numel() and not torch.stack(weight.aminmax()).isfinite().all():
            raise ModelUnavailable(
                f"The weights of {name} are not all numbers ({path} holds a NaN or an infinity): "
                "take a copy from before that happened, or choose another model."
            )
