"""What each picture shows, in one plain sentence of numbers: a caption, and what a screen reader says."""

from __future__ import annotations

from functools import singledispatch
from typing import NamedTuple

import numpy as np

from core.model_words import STUDY_SCALE
from core.study import (
    Attention,
    AttentionByLayer,
    Averaging,
    CausalMask,
    GroupMeans,
    HeadMaps,
    Heads,
    RawScores,
    RawScoresByLayer,
    Saturation,
    Scaling,
    ScoreDistributions,
    Tokens,
)
from core.tokens import isolated
from core.writing import counted, number, percent


@singledispatch
def sentence(result: NamedTuple) -> str:
    """The sentence of any of the study's results. Raises TypeError for anything else."""
    raise TypeError(f"no sentence for {type(result).__name__}")


@sentence.register
def _(result: Scaling) -> str:
    return (
        f"At n = {result.sizes[-1]} the entries of the product spread by {number(result.std_raw[-1])} without "
        f"scaling and by {number(result.std_scaled[-1])} after division by √n; "
        f"theory expects {number(result.theory_raw[-1])} and {number(result.theory_scaled[-1])}."
    )


@sentence.register
def _(result: Saturation) -> str:
    return (
        f"At n = {result.size} softmax gives one entry {percent(result.weights_raw.max())} of the weight "
        f"without scaling (entropy {number(result.entropy_raw)} nats) and at most "
        f"{percent(result.weights_scaled.max())} after division by √n (entropy "
        f"{number(result.entropy_scaled)}); equal weights would have {number(result.entropy_uniform)}."
    )


@sentence.register
def _(result: Tokens) -> str:
    model, shown = result.model, len(result.token_ids)
    length = counted(shown, "token")
    if shown < result.text_tokens:
        length = f"the first {shown:,} of its {result.text_tokens:,} tokens"
    guess = ""
    if len(result.next_text):
        guess = f", and guesses “{isolated(result.next_text[0])}” next with {percent(result.next_probability[0])}"
    return (
        f"{model.name} reads {length} with {counted(model.layers, 'layer')} of {counted(model.heads, 'head')}, "
        f"each {model.head_width} wide ({_scaled(result)}){guess}.{_also(result.mask)}"
    )


def _scaled(result: Tokens) -> str:
    """Part 2's scale in a bracket: √d as a number, or what the model does instead."""
    return f"√d = {number(result.root_width)}" if result.scale == STUDY_SCALE else f"scores {result.scale}"


def _also(sentence: str) -> str:
    """A further sentence, if there is one."""
    return f" {sentence}" if sentence else ""


@sentence.register
def _(result: Heads) -> str:
    heads, width, tokens = result.heads.shape
    return (
        f"Layer {result.layer}: the {result.activation} activations of {counted(heads, 'head')}, "
        f"{counted(width, 'number')} for each of {counted(tokens, 'token')}, lie between "
        f"{number(result.lowest)} and {number(result.highest)}."
    )


def _no_keys(query: int, first_key: int) -> str:
    """Why the query has no previous keys, and what to do."""
    without = " once the first is left out" if first_key and query else ""
    return f"Token {query} has no token before it to look at{without}: choose a later token or a longer text."


ONE_HEAD = "the model has one head, so there is nothing across heads"


@sentence.register
def _(result: RawScores) -> str:
    within, across = result.within.summary, result.across.summary
    if not within.n:
        return _no_keys(result.query, result.first_key)
    other = ONE_HEAD
    if across.n:
        other = (
            f"across heads the mean of {across.n:,} scores is {number(across.mean)} (SD {number(across.sd)}), "
            f"with {percent(across.above_zero)} above 0"
        )
    return (
        f"Layer {result.layer}, query of token {result.query}: within heads the mean of {within.n:,} scores is "
        f"{number(within.mean)} (SD {number(within.sd)}), with {percent(within.above_zero)} above 0; {other}."
    )


@sentence.register
def _(result: RawScoresByLayer) -> str:
    if not result.within.n.any():
        return _no_keys(result.query, result.first_key)
    centres = result.within.centres
    other, outside = ONE_HEAD, f"{percent(result.within.outside.mean())} of the scores within heads"
    if result.across.n.any():
        other = f"across heads around {number(centres[result.across_mean.argmax()])}"
        outside += f" and {percent(result.across.outside.mean())} of those across"
    return (
        f"Averaged over {counted(len(result.within.density), 'layer')}, scores within heads are most frequent around "
        f"{number(centres[result.within_mean.argmax()])}; {other}. Outside {number(result.within.edges[0])} … "
        f"{number(result.within.edges[-1])} lie {outside}."
    )


@sentence.register
def _(result: ScoreDistributions) -> str:
    low, high = int(result.mean.argmin()), int(result.mean.argmax())
    return (
        f"The layers' mean raw scores go from {number(result.mean[low])} (layer {low}) to "
        f"{number(result.mean[high])} (layer {high}), and {percent(result.raw.outside.mean())} of the scores lie "
        f"outside {number(result.raw.edges[0])} … {number(result.raw.edges[-1])}; {_softmax_reach(result)}."
    )


def _softmax_reach(result: ScoreDistributions) -> str:
    """Where the layers' own bins end, and which layers have none."""
    largest, alike = result.softmax.edges[:, -1], np.flatnonzero(result.one_weight)
    no_histogram = "and a range without width has no histogram"
    if len(alike) == len(largest):
        return f"every softmax weight is {number(largest[0])}, {no_histogram}"
    low, high = int(largest.argmin()), int(largest.argmax())
    reach = f"go from {number(largest[low])} (layer {low}) to {number(largest[high])} (layer {high})"
    if largest[low] == largest[high]:
        reach = f"are {number(largest[low])}"
    reach = f"the layers' largest softmax weights {reach}"
    if not len(alike):
        return reach
    layers = f"layer{'s' * (len(alike) > 1)} {', '.join(map(str, alike))}"
    return f"{reach}, but in {layers} all weights are the same, {no_histogram}"


@sentence.register
def _(result: CausalMask) -> str:
    size = len(result.hidden)
    return (
        f"The mask hides {int(result.hidden.sum())} of {size * size} cells; softmax shares each row equally among "
        f"the rest, from {number(result.softmax[0, 0])} in row 0 to {number(result.softmax[-1, -1])} for each cell "
        f"of row {size - 1}."
    )


@sentence.register
def _(result: Attention) -> str:
    final, own, first = result.final_to_previous, result.self_attention, result.first_to_self
    where = "in every head" if np.ptp(first.values) == 0 else "on average"
    alone = f"the first token gives itself {number(first.summary.mean)} {where}"
    if not final.summary.n:
        return f"Layer {result.layer}: a text of one token has no previous and no other tokens; {alone}."
    return (
        f"Layer {result.layer}: on average the last token gives a previous one {number(final.summary.mean)}, "
        f"the other tokens give themselves {number(own.summary.mean)}, and {alone}."
    )


@sentence.register
def _(result: HeadMaps) -> str:
    last = result.weights[-1]
    favourite = int(last.argmax())
    return (
        f"Layer {result.layer}, head {result.head}: raw scores lie between {number(result.raw.min())} and "
        f"{number(result.raw.max())}; the last token gives most, {percent(last[favourite])}, to token {favourite}."
        f"{_also(result.mask_words)}"
    )


@sentence.register
def _(result: AttentionByLayer) -> str:
    final, own, first = result.mean.T
    if np.isnan(final).all():
        return "A text of one token has no previous and no other tokens; the first gives itself 1 in every layer."
    return (
        f"Averaged over {counted(len(final), 'layer')}, the last token gives a previous one "
        f"{number(final.mean())}, other tokens give themselves {number(own.mean())} (most in layer {own.argmax()}: "
        f"{number(own.max())}), and the first token gives itself {number(first.mean())}."
    )


@sentence.register
def _(result: Averaging) -> str:
    return (
        f"Layer {result.layer}: the average over {counted(result.heads, 'head')} is {number(result.slope)} "
        f"times the product that ignores heads (the scales alone give {number(result.expected_slope)}), and the two "
        f"differ by at most {number(result.largest_difference)}."
        f"{_also('The soft-capping of this layer is left out.' if result.capped else '')}"
    )


@sentence.register
def _(result: GroupMeans) -> str:
    count, cut = len(result.numbers), result.cut
    verdict = "they agree" if result.difference == 0 else f"they differ by {number(abs(result.difference))}"
    return (
        f"The mean of 1 … {count} is {number(result.overall)}; the mean of the means of the first {cut} "
        f"({number(result.first)}) and the other {count - cut} ({number(result.second)}) is "
        f"{number(result.of_means)}: {verdict}."
    )
