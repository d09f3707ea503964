"""Part 10, the ranking: how much the text's mean loss rises without each head of the model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from core.attention.intervention import UNCHANGED, Change, Intervention, Weights
from core.model.capture import Capture
from core.model.experiments import Experiments, Losses
from core.parts.tables import Table, long
from core.progress import Progress, silent
from core.writing import counted, number

MOST = 5
"""Heads that are named."""
WITHIN = 0.95
"""The share of heads whose rise lies within the map's colours: the few that stand out would leave the others none."""


class Missed(NamedTuple):
    """A head, and what the mean loss rises by without it, in nats a token."""

    layer: int
    head: int
    rise: float


class HeadRanking(NamedTuple):
    """All heads of a model, each switched off alone."""

    rise: Float[ndarray, "layer head"]
    """Of the text's mean loss, in nats a token; NaN for heads that have not been run, and for a text of one token."""
    loss: float
    """The mean with all heads on."""

    @property
    def share(self) -> float:
        """Of the heads, those that have been run."""
        return float(np.isfinite(self.rise).mean())

    @property
    def limit(self) -> float:
        """Where the map's colours end, on both sides of 0."""
        return float(np.nanquantile(np.abs(self.rise), WITHIN)) or 1.0

    @property
    def most_missed(self) -> tuple[Missed, ...]:
        """The heads without which the loss rises most, at most MOST, in falling order."""
        order = np.argsort(-self.rise, axis=None, kind="stable")[:MOST]  # NaN comes last
        places = ((*divmod(int(at), self.rise.shape[1]), float(self.rise.flat[at])) for at in order)
        return tuple(Missed(*place) for place in places if np.isfinite(place[2]))

    def sentence(self) -> str:
        if not self.most_missed:
            return "A text of one token has no loss: run a longer text."
        most, run = self.most_missed[0], int(np.isfinite(self.rise).sum())
        so_far = f"{run} of {counted(self.rise.size, 'head')} so far: w" if run < self.rise.size else "W"
        better = int((self.rise < 0).sum())
        return (
            f"{so_far}ithout layer {most.layer}, head {most.head} the mean loss is highest: "
            f"{number(self.loss + most.rise)} in place of {number(self.loss)} nats a token. Without "
            f"{better} of {counted(run, 'head')} it is lower than with all of them."
        )

    def tables(self, tokens: Sequence[str]) -> tuple[Table, ...]:
        heads = partial(long, self.rise, "layer", "head", value="rise")
        return (Table("part10c", "Loss without each head", heads),)


def unheard(so_far: HeadRanking) -> None:
    """For a ranking that nobody waits for head by head."""


def without(layer: int, head: int, weights: Weights = "zero") -> Intervention:
    """One head off."""
    return (Change(weights=weights, layers=(layer,), heads=(head,)),)


def head_ranking(
    experiments: Experiments,
    capture: Capture,
    weights: Weights = "zero",
    take: Callable[[HeadRanking], None] = unheard,
    progress: Progress = silent,
) -> HeadRanking:
    """Of all heads. What there is so far is handed over whenever it is more. Raises what `Experiments` raises."""
    rise = np.full((capture.layers, capture.heads), np.nan)
    if capture.tokens < 2:
        return HeadRanking(rise, np.nan)
    (as_it_is,) = experiments.losses(capture, [UNCHANGED], progress=progress)
    loss = float(as_it_is.mean())

    def add(place: int, losses: Losses) -> None:
        rise.flat[place] = losses.mean() - loss
        take(HeadRanking(rise.copy(), loss))

    each = [without(layer, head, weights) for layer, head in np.ndindex(*rise.shape)]
    experiments.losses(capture, each, add, progress)
    return HeadRanking(rise, loss)
