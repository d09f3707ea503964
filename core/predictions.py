"""Predict, then look: one question a part, with its truth from the capture and the settings on show.

    question = PREDICTIONS[4].ask(capture, settings)
    question.told(-1.5)  # "You said −1.5, and it is −1.23: 0.27 too low. …"
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.averaging import averaging
from core.capture import Capture
from core.model_words import STUDY_SCALE, scale_sign
from core.one_layer import attention, heads, masking
from core.question import Choice, Number, Question
from core.scaling import random_product
from core.scores import score_blocks, scores_of_query, softmax, within_heads
from core.settings import Settings
from core.tokens import isolated
from core.writing import number, percent

NO_KEYS = "Part 4's query token has no tokens before it: choose a later one, or run a longer text."


class NothingToPredict(Exception):
    """This text or model leaves nothing to predict; the message says why."""


@dataclass(frozen=True)
class Prediction:
    """What is asked in one part."""

    part: int
    follows: tuple[str, ...]
    """The settings that the truth depends on."""
    ask: Callable[[Capture, Settings], Question]
    """Raises NothingToPredict."""
    needs: Mapping[str, Any] = field(default_factory=dict)
    """Settings that are made before it is asked."""

    @property
    def id(self) -> str:
        """Part, dash, name; short and for ever, as links hold it."""
        return f"{self.part}-predict"


def spread_of_product(_: Capture, settings: Settings) -> Number:
    """Part 1: the spread of the largest product without scaling."""
    size, spread = settings.sizes_to, settings.sigma**2
    truth = float(random_product(size, settings.seed, settings.sigma).std())
    return Number(
        f"A and B are random {size} × {size} matrices; their entries spread by σ = {number(settings.sigma)}. "
        f"Each entry of A B is a sum of {size} products. How wide will the entries of A B spread, undivided?",
        low=0,
        high=3 * spread * size**0.5,
        step=spread * size**0.5 / 40,
        truth=truth,
        along=(settings.sizes_from, size),
        why=f"Independent products partly cancel: {size} of them add up to a spread of √{size}, not of {size}.",
    )


def next_token(capture: Capture, _: Settings) -> Choice:
    """Part 2: which of five tokens the model finds most probable."""
    if len(capture.next_text) < 2:
        raise NothingToPredict("This model has no guesses to choose from.")
    order = np.argsort(capture.next_ids)
    ending = "".join(capture.token_text[-8:]).replace("␣", " ")
    return Choice(
        f"The text ends: “…{isolated(ending)}” Which token will the model find most likely to come next?",
        tuple(f"“{isolated(capture.next_text[at])}”" for at in order),
        int(order.argmin()),
        "No other token of its vocabulary gets more; the chart shows the five that get most.",
        tuple(map(float, order)),
        tuple(percent(float(capture.next_probability[at])) for at in order),
    )


def head_with_longest_first(capture: Capture, settings: Settings) -> Choice:
    """Part 3: the head in which the first token's column stands out most, against the mean of the other columns."""
    count = capture.heads
    if capture.tokens < 2:
        raise NothingToPredict("A text of one token has one column in every head: nothing can stand out.")
    if count < 2:
        raise NothingToPredict("This model has one head: there is no other one to choose.")
    lengths = np.linalg.norm(heads(capture, settings.layer, settings.activation).heads, axis=1)  # (H, T)
    ratios = lengths[:, 0] / lengths[:, 1:].mean(axis=1)
    return Choice(
        f"A column is one token's {settings.activation} in one head. Call it long when its numbers lie far from 0. In "
        f"which head of layer {settings.layer} does token 0, the first, stand out most: where is its column longest "
        "next to the others' mean?",
        tuple(f"head {head}" for head in range(count)),
        int(ratios.argmax()),
        f"Token 0's column is longer than that mean in {(ratios > 1).sum()} of the {count} heads.",
        tuple(map(float, range(count))),
        tuple(f"{number(ratio)} times the others' mean" for ratio in ratios),
    )


def mean_within(capture: Capture, settings: Settings) -> Number:
    """Part 4: the mean of the scores within heads."""
    if settings.query - settings.skip_first < 1:
        raise NothingToPredict(NO_KEYS)
    mean = _mean_within(capture, settings.layer, settings)
    reach = float(max(10, 5 * np.ceil(abs(mean) / 5 + 0.5)))
    return Number(
        f"Where will the mean of the scores within heads lie, in layer {settings.layer}, for the query of token "
        f"{settings.query}? Scores of random numbers would lie around 0.",
        low=-reach,
        high=reach,
        step=0.1,
        truth=mean,
        why="A score of −2 gets e⁻² ≈ 0.14 times the weight of a score of 0: most keys are there to be passed over."
        if mean < 0
        else "Above 0: here queries and keys of one head point the same way more often than not.",
    )


def _mean_within(capture: Capture, layer: int, settings: Settings) -> float:
    scores = scores_of_query(capture.call(layer), settings.query, int(settings.skip_first))
    return float(within_heads(scores).mean(dtype=np.float64))


def lowest_layer(capture: Capture, settings: Settings) -> Number:
    """Part 5: the layer with the most negative mean within heads."""
    if settings.query - settings.skip_first < 1:
        raise NothingToPredict(NO_KEYS)
    means = np.array([_mean_within(capture, layer, settings) for layer in range(capture.layers)])
    lowest = int(means.argmin())
    return Number(
        f"In which of the layers 0 … {capture.layers - 1} will the scores within heads lie farthest below 0: which "
        "has the most negative mean?",
        low=0,
        high=capture.layers - 1,
        step=1,
        truth=lowest,
        why=f"Layer {lowest} has a mean of {number(means[lowest])}; over all layers it is {number(means.mean())}.",
    )


def largest_weight(capture: Capture, settings: Settings) -> Number:
    """Part 6: the largest softmax weight of the layer."""
    blocks = score_blocks(capture.call(settings.layer), masked=settings.causal)
    truth = max(float(softmax(block.scores, out=block.scores).max()) for block in blocks)
    masked = "with the mask" if settings.causal else "without a mask"
    alone = settings.causal and capture.call(settings.layer).visible[0].sum() == 1
    return Number(
        f"{capture.tokens} tokens share each row of softmax, {masked}: equal weights would be "
        f"{number(1 / capture.tokens)}. How large will the largest weight in layer {settings.layer} be, over all "
        "heads and tokens?",
        low=0,
        high=1,
        step=0.01,
        truth=truth,
        why="With the mask token 0 sees itself alone and gives itself everything."
        if alone
        else "Softmax takes powers of e, so a score that is higher by 5 gets 148 times the weight.",
    )


ASKED_KEY = 1


def asked_row(mask_size: int) -> int:
    """The row of the mask that part 7 asks about."""
    return min(3, mask_size - 1)


def masked_share(_: Capture, settings: Settings) -> Number:
    """Part 7: one cell of the softmax of the mask."""
    row = asked_row(settings.mask_size)
    return Number(
        f"All scores are equal, and the mask hides every key that comes after its query. What share of row {row} "
        f"will softmax give to token {ASKED_KEY}?",
        low=0,
        high=1,
        step=0.01,
        truth=float(masking(settings.mask_size).softmax[row, ASKED_KEY]),
        why=f"The mask leaves tokens 0 to {row}, and equal scores share equally: 1 / {row + 1}.",
        percent=True,
    )


def self_attention(capture: Capture, settings: Settings) -> Number:
    """Part 8: the mean weight of a token on itself."""
    own = attention(capture, settings.layer).self_attention.summary
    if not own.n:
        raise NothingToPredict("A text of one token has no other tokens: run a longer text.")
    seen = capture.call(settings.layer).visible.sum(axis=1)  # token i sees i + 1 where the mask is causal
    equal = float((1 / seen[1:]).mean())
    return Number(
        f"How much of its attention does a token give to itself in layer {settings.layer}, on average over heads "
        "and over all tokens but the first?",
        low=0,
        high=1,
        step=0.01,
        truth=own.mean,
        why=f"Equal shares among the tokens that it sees would give {percent(equal)}.",
        percent=True,
    )


def slope(capture: Capture, settings: Settings) -> Choice:
    """Part 9: the slope when each product is divided by the root of its own width."""
    count = capture.heads
    if count < 2:
        raise NothingToPredict("This model has one head: both calculations are the same.")
    values = {"√H": count**0.5, "1": 1.0, "1/√H": count**-0.5, "1/H": 1 / count}
    measured = averaging(capture, settings.layer, "own_width").slope
    divided = "Q Kᵀ is divided by √E, the root of all the widths together; each head's product by √d"
    why = "the average divides by H, but √E is only √H times √d"
    if scale_sign(capture, settings.layer) != STUDY_SCALE:
        scale = number(float(capture.scale[settings.layer]))
        divided = f"Each head's product is multiplied by the model's own scale, {scale}, and Q Kᵀ by that over √H"
        why = "the average divides by H, but the two scales differ by √H only"
    return Choice(
        f"{divided}, and then the {count} heads are averaged. On a line of which slope will the points lie?",
        tuple(f"{name} = {number(value)}" if name != "1" else "1" for name, value in values.items()),
        int(np.abs(np.array(list(values.values())) - measured).argmin()),
        f"The points' own slope is {number(measured)}: {why}.",
        tuple(values.values()),
    )


PREDICTIONS = {
    prediction.part: prediction
    for prediction in (
        Prediction(1, ("sizes_to", "sigma", "seed"), spread_of_product),
        Prediction(2, (), next_token),
        Prediction(3, ("layer", "activation"), head_with_longest_first),
        Prediction(4, ("layer", "query", "skip_first"), mean_within),
        Prediction(5, ("query", "skip_first"), lowest_layer),
        Prediction(6, ("layer", "causal"), largest_weight),
        Prediction(7, ("mask_size",), masked_share),
        Prediction(8, ("layer",), self_attention),
        Prediction(9, ("layer", "normalisation"), slope, needs={"normalisation": "own_width"}),
    )
}
"""By part."""
