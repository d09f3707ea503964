"""Part 8, patching: the text on show, B, run with raw scores of another text, A, between tokens that both have.

Activation patching (Vig et al. 2020; Meng et al. 2022), here of scores: where A and B look differently, does B say what
A says once it looks where A looks?
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from core.attention.intervention import UNCHANGED, Change, Intervention, Scores
from core.model.capture import Capture
from core.model.experiments import Experiments
from core.model.said import Said
from core.model.tokens import isolated
from core.parts.effect import Effect
from core.parts.softmax_by_layer.alignment import Alignment, align
from core.parts.tables import Columns, Table
from core.progress import Progress, silent
from core.writing import number, percent

EXAMPLE = tuple(" ".join([*3 * words, "small"]) for words in (["small", "army", "school"], ["small", "school", "army"]))
"""A and B: what comes after the last “small” hangs on where the model looks. In the model that ships it turns."""


class ScoresBetweenPartners(Mapping[int, Float[ndarray, "head query key"]]):
    """A's raw scores by layer, at the places of the partners in B; NaN elsewhere. Worked out when asked for."""

    def __init__(self, a: Capture, tokens: int, partners: Alignment):
        self.a, self.tokens, self.partners = a, tokens, partners

    def __getitem__(self, layer: int) -> Float[ndarray, "head query key"]:
        call, (of_a, of_b) = self.a.call(layer), self.partners
        given = np.full((len(call.query), self.tokens, self.tokens), np.nan, np.float32)
        given[:, of_b[:, None], of_b] = call.raw_scores(call.query[:, of_a], call.key[:, of_a])
        return given

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.a.layers))

    def __len__(self) -> int:
        return self.a.layers


class Pair(NamedTuple):
    """Two texts in one model, and the scores that one is given of the other."""

    a: Capture
    b: Capture
    partners: Alignment
    scores: Scores

    def patched_in(self, layers: tuple[int, ...] | None = None, heads: tuple[int, ...] | None = None) -> Intervention:
        """B with the scores of A in these layers and heads; None is all of them."""
        return (Change(scores=self.scores, layers=layers, heads=heads),)

    def intervention(self, settings: Any) -> Intervention:
        """In all layers, in the chosen layer, or in the chosen head."""
        layers, heads = (settings.layer,), (settings.head,)
        places = {"all": (None, None), "layer": (layers, None), "head": (layers, heads)}
        return self.patched_in(*places[settings.patched])


def pair_of(a: Capture, b: Capture) -> Pair:
    """B, to be given the scores of A."""
    partners = align(a.token_ids, b.token_ids)
    return Pair(a, b, partners, Scores(ScoresBetweenPartners(a, b.tokens, partners)))


class Favoured(NamedTuple):
    """The one of A's five most probable next tokens that A favours most over B, and the one of B's over A."""

    ids: tuple[int, int]
    texts: tuple[str, str]
    """In visible form."""

    @classmethod
    def of(cls, a: Said, b: Said) -> Favoured:
        """What two runs favour."""
        first, second = (
            int((said.next_probability - over.probability[said.next_ids]).argmax()) for said, over in ((a, b), (b, a))
        )
        ids = (int(a.next_ids[first]), int(b.next_ids[second]))
        return cls(ids, (a.next_text[first], b.next_text[second]))

    def logit_difference(self, said: Said) -> float:
        """ln p of the first − ln p of the second as a run says it: so far their logits lie apart."""
        first, second = (np.log(said.probability[one]) for one in self.ids)
        return float(first - second)


class Patching(NamedTuple):
    """What A, B and patched B say, and how far each layer's scores of A, and each head's of a layer, move B."""

    layer: int
    other: Said
    """A."""
    effect: Effect
    """Before: B. After: B as it was patched."""
    a_tokens: tuple[str, ...]
    partners: Alignment
    favoured: Favoured
    of_a: float
    """The logit difference of the two favoured tokens, as A says it."""
    of_b: float
    by_layer: Float[ndarray, " layer"]
    """As B says it with one layer's scores of A."""
    by_head: Float[ndarray, " head"]
    """As B says it with one head's, in `layer`."""

    def sentence(self) -> str:
        if not len(self.partners.of_b):
            return "The two texts share no token: A has no score to give."
        a, before, after = (_next(said) for said in (self.other, self.effect.before, self.effect.after))
        said = f"A goes on with {a}, B with {before}; with {_given(self.effect)} B goes on with {after}."
        first = [one.next_ids[0] for one in (self.other, self.effect.before, self.effect.after)]
        if first[0] == first[1]:
            return f"{said} Both texts go on with the same token: no token can turn. {self._moved()}"
        turn = "turns" if first[2] == first[0] else "does not turn" if first[2] == first[1] else "turns to a third one"
        return f"{said} The next token {turn}. {self._moved()}"

    def _moved(self) -> str:
        if self.of_a == self.of_b:
            return "A and B say the same: there is no way to go."
        most = int(self.towards_a.argmax())
        apart = number(self.towards_a[most])
        return f"Of all layers, the scores of layer {most} alone move B most towards A: by {apart} in logit difference."

    @property
    def towards_a(self) -> Float[ndarray, " layer"]:
        """How far one layer's scores of A move B towards A, in logit difference; negative away from it."""
        return (self.by_layer - self.of_b) * np.sign(self.of_a - self.of_b)

    def tables(self, tokens: Sequence[str]) -> tuple[Table, ...]:
        return (
            Table("part8c-layers", "A) One layer's scores of A", partial(_moves, "layer", self.by_layer, self)),
            Table("part8c-heads", "B) One head's scores of A", partial(_moves, "head", self.by_head, self)),
            *self.effect.tables(tokens),
        )


def patching(
    experiments: Experiments, pair: Pair, chosen: Intervention, layer: int, progress: Progress = silent
) -> Patching:
    """B with the scores of A as `chosen` has them, in each layer alone, and in each head of a layer alone.

    Raises what Experiments raises.
    """
    a, b = pair.a, pair.b
    [other] = experiments.says(a, [UNCHANGED])
    layers = [pair.patched_in((one,)) for one in range(b.layers)]
    heads = [pair.patched_in((layer,), (head,)) for head in range(b.heads)]
    asked = list(dict.fromkeys([UNCHANGED, chosen, *layers, *heads]))
    said = dict(zip(asked, experiments.says(b, asked, progress), strict=True))
    before = said[UNCHANGED]
    favoured = Favoured.of(other, before)
    return Patching(
        layer,
        other,
        Effect(chosen, before, said[chosen]),
        a.token_text,
        pair.partners,
        favoured,
        favoured.logit_difference(other),
        favoured.logit_difference(before),
        np.array([favoured.logit_difference(said[one]) for one in layers]),
        np.array([favoured.logit_difference(said[one]) for one in heads]),
    )


def _next(said: Said) -> str:
    return f"“{isolated(said.next_text[0])}” ({percent(said.next_probability[0])})"


def _given(effect: Effect) -> str:
    [change] = effect.intervention
    return change.words().replace("the other text", "A")


def _moves(name: str, values: Float[ndarray, " place"], patching: Patching) -> Columns:
    shape = np.ones_like(values)
    return {
        name: np.arange(len(values)),
        "patched": values,
        "of_a": patching.of_a * shape,
        "of_b": patching.of_b * shape,
    }
