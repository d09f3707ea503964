"""Part 10, the experiment: the same model with some heads switched off."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool
from numpy import ndarray

from core.attention.intervention import Change, Intervention, Weights
from core.model.capture import Capture
from core.model.experiments import Experiments
from core.parts.effect import Effect, effect
from core.parts.tables import Table, long
from core.progress import Progress, silent
from core.writing import counted

HEAD = re.compile(r"(\d{1,4})\.(\d{1,4})", re.ASCII)


class HeadsOff(NamedTuple):
    """What the model says with some heads off."""

    off: Bool[ndarray, "layer head"]
    effect: Effect

    def sentence(self) -> str:
        if not self.off.any():
            return f"No head of {self.off.size} is off yet: both sides show the model as it is."
        heads = f"{self.off.sum()} of {counted(self.off.size, 'head')} off"
        return f"{heads}: {self.effect.losses()} {self.effect.next_token()}"

    def tables(self, tokens: Sequence[str]) -> tuple[Table, ...]:
        columns = partial(long, self.off, "layer", "head", value="off")
        heads = Table("part10b-heads", "A) Heads that are on and off", columns)
        return (heads, *self.effect.tables(tokens))


def read_heads(word: str, layers: int, heads: int) -> Bool[ndarray, "layer head"]:
    """Which heads a word as `3.5_7.1` names: layer 3, head 5, and layer 7, head 1. What is no head is left out."""
    off = np.zeros((layers, heads), bool)
    for match in filter(None, map(HEAD.fullmatch, word.split("_"))):
        layer, head = int(match[1]), int(match[2])
        if layer < layers and head < heads:
            off[layer, head] = True
    return off


def write_heads(off: Bool[ndarray, "layer head"]) -> str:
    """The word that `read_heads` reads."""
    return "_".join(f"{layer}.{head}" for layer, head in np.argwhere(off))


def switched(word: str, layers: int, heads: int, layer: int, head: int) -> str:
    """The word with one head switched: on if it is off, off if it is on."""
    off = read_heads(word, layers, heads)
    off[layer, head] ^= True
    return write_heads(off)


def intervention(off: Bool[ndarray, "layer head"], weights: Weights) -> Intervention:
    """Those heads off, with weights of 0 or the mean ones; the heads of a layer in one change."""
    layers = (int(layer) for layer in np.flatnonzero(off.any(axis=1)))
    return tuple(
        Change(weights=weights, layers=(layer,), heads=tuple(map(int, np.flatnonzero(off[layer])))) for layer in layers
    )


def heads_off(experiments: Experiments, capture: Capture, settings: Any, progress: Progress = silent) -> HeadsOff:
    """Of the chosen heads. Raises what `Experiments` raises."""
    off = read_heads(settings.heads_off, capture.layers, capture.heads)
    return HeadsOff(off, effect(experiments, capture, intervention(off, settings.off_weights), progress))
