"""The numbers of each chart as a table in long form: one row an observation, named columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, singledispatch
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Shaped
from numpy import ndarray

from core.distributions import Density
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

Columns = dict[str, Shaped[ndarray, " row"]]


class Table(NamedTuple):
    """One chart's numbers, not worked out before they are asked for."""

    name: str
    """The study's picture, a hyphen where it has several charts, and the chart: "part5a-within"."""
    title: str
    columns: Callable[[], Columns]
    drawn: bool = True
    """False: the page shows these numbers without a chart."""

    @property
    def picture(self) -> str:
        """The name of the picture that the chart belongs to."""
        return self.name.partition("-")[0]


def settings_in_name(result: Any) -> str:
    """What a file's name says of the settings behind a result: "-layer3-head2", or nothing."""
    return "".join(f"-{name}{getattr(result, name)}" for name in ("layer", "head") if hasattr(result, name))


@singledispatch
def tables(result: NamedTuple, tokens: Sequence[str]) -> tuple[Table, ...]:
    """The tables of any of the study's results, in the order of its charts; `tokens` in visible form.

    Raises TypeError for anything else.
    """
    raise TypeError(f"no tables for {type(result).__name__}")


@tables.register
def _(result: Scaling, tokens: Sequence[str]) -> tuple[Table, ...]:
    names = ("std_raw", "std_scaled", "theory_raw", "theory_scaled")
    columns = {"size": result.sizes} | {name: getattr(result, name) for name in names}
    return (Table("part1", "Spread of the products", lambda: columns),)


@tables.register
def _(result: Saturation, tokens: Sequence[str]) -> tuple[Table, ...]:
    names = ("row_raw", "row_scaled", "weights_raw", "weights_scaled")
    columns = {"entry": np.arange(result.size)} | {name: getattr(result, name) for name in names}
    return (Table("part1b", "Softmax of one row", lambda: columns),)


@tables.register
def _(result: Tokens, tokens: Sequence[str]) -> tuple[Table, ...]:
    read = {"token": np.arange(len(tokens)), "id": result.token_ids, "text": np.array(result.token_text, np.str_)}
    guessed = {
        "guess": np.arange(len(result.next_ids)),
        "id": result.next_ids,
        "text": np.array(result.next_text, np.str_),
        "probability": result.next_probability,
    }
    return (
        Table("part2", "The tokens of the text", lambda: read, drawn=False),
        Table("part2b", "The model's guesses for the next token", lambda: guessed),
    )


@tables.register
def _(result: Heads, tokens: Sequence[str]) -> tuple[Table, ...]:
    def columns() -> Columns:
        long = _long(result.heads, "head", "dimension", "token", value=result.activation)
        return _with_text(long, tokens, "token")

    return (Table("part3", f"{result.activation.capitalize()} activations, head by head", columns),)


@tables.register
def _(result: RawScores, tokens: Sequence[str]) -> tuple[Table, ...]:
    def scores() -> Columns:
        keys = np.arange(result.first_key, result.query)
        heads = len(result.within.values) // len(keys) if len(keys) else 0
        own = np.arange(heads)
        pairs = np.concatenate([np.stack([own, own]), np.nonzero(~np.eye(heads, dtype=bool))], axis=1)
        sample = in_samples(within=heads * len(keys), across=heads * (heads - 1) * len(keys))
        query_head, key_head = pairs.repeat(len(keys), axis=1)
        at = {"query_head": query_head, "key_head": key_head, "key": np.tile(keys, heads * heads)}
        values = np.concatenate([result.within.values, result.across.values])
        return _with_text({"sample": sample, **at}, tokens, "key") | {"score": values}

    def densities() -> Columns:
        within, across = _density(result.within_density), _density(result.across_density)
        sample = in_samples(within=len(within["density"]), across=len(across["density"]))
        return {"sample": sample} | {name: np.concatenate([within[name], across[name]]) for name in within}

    return (
        Table("part4-scores", "A) Raw attention scores", scores),
        Table("part4-densities", "B) Distributions", densities),
    )


@tables.register
def _(result: RawScoresByLayer, tokens: Sequence[str]) -> tuple[Table, ...]:
    def means() -> Columns:
        edges = result.within.edges
        names = ("within_mean", "within_sd", "across_mean", "across_sd")
        return {"from": edges[:-1], "to": edges[1:]} | {name: getattr(result, name) for name in names}

    return (
        Table("part5a-within", "A) Within heads", partial(_density, result.within)),
        Table("part5a-across", "B) Across heads", partial(_density, result.across)),
        Table("part5b", "Mean ± SD over the layers", means),
    )


@tables.register
def _(result: ScoreDistributions, tokens: Sequence[str]) -> tuple[Table, ...]:
    means = {"layer": np.arange(len(result.mean)), "mean": result.mean, "sd": result.sd}
    return (
        Table("part6-means", "A) Means of QKᵀ", lambda: means),
        Table("part6-raw", "B) Distributions of QKᵀ", partial(_density, result.raw)),
        Table("part6-softmax", "C) Distributions of σ(QKᵀ)", partial(_density, result.softmax)),
    )


@tables.register
def _(result: CausalMask, tokens: Sequence[str]) -> tuple[Table, ...]:
    return (
        Table("part7a-binary", "A) Binary mask (0 or 1)", partial(by_pair, result.binary, "masked")),
        Table("part7a-causal", "B) Time-causal mask (M)", partial(by_pair, result.causal, "mask")),
        Table("part7a-softmax", "C) Impact of softmax", partial(by_pair, result.softmax, "weight")),
    )


@tables.register
def _(result: Attention, tokens: Sequence[str]) -> tuple[Table, ...]:
    def columns() -> Columns:
        last, heads = len(tokens) - 1, len(result.first_to_self.values)
        others, head = np.arange(last), np.arange(heads)
        own = np.tile(others + 1, heads)
        first = np.zeros(heads, int)
        return {
            "sample": in_samples(final_to_previous=heads * last, self_attention=heads * last, first_to_self=heads),
            "head": np.concatenate([np.tile(head.repeat(last), 2), head]),
            "query": np.concatenate([np.full(heads * last, last), own, first]),
            "key": np.concatenate([np.tile(others, heads), own, first]),
            "weight": np.concatenate(
                [one.values for one in (result.final_to_previous, result.self_attention, result.first_to_self)]
            ),
        }

    return (Table("part7b", "Attention to previous tokens and to oneself", columns),)


@tables.register
def _(result: HeadMaps, tokens: Sequence[str]) -> tuple[Table, ...]:
    return tuple(
        Table(f"part7c-{name}", title, partial(by_pair, matrix, value, tokens))
        for name, title, matrix, value in (
            ("raw", "Raw scores S", result.raw, "score"),
            ("masked", "Masked scores S + M", result.masked, "score"),
            ("attention", "Attention A", result.weights, "weight"),
        )
    )


@tables.register
def _(result: AttentionByLayer, tokens: Sequence[str]) -> tuple[Table, ...]:
    return tuple(
        Table(f"part8-{name}", title, partial(by_bin, result.density.edges, density=result.density.density[:, index]))
        for index, (name, title) in enumerate(
            (("final", "A) Final to previous"), ("self", "B) Self-attention"), ("first", "C) First to self"))
        )
    )


@tables.register
def _(result: Averaging, tokens: Sequence[str]) -> tuple[Table, ...]:
    def differences() -> Columns:
        return {"index": np.arange(result.difference.size)} | by_pair(result.difference, "difference", tokens)

    def both() -> Columns:
        average = _long(result.per_head_mean, "query", "key", value="per_head_mean")["per_head_mean"]
        return by_pair(result.all_heads, "all_heads", tokens) | {"per_head_mean": average}

    return (
        Table("part9-scatter", "A) Scatter plot of the two calculations", both),
        Table("part9-differences", "B) Differences between calculations", differences),
    )


@tables.register
def _(result: GroupMeans, tokens: Sequence[str]) -> tuple[Table, ...]:
    cut, count = result.cut, len(result.numbers)
    names = ("first", "second", "of_means", "overall", "difference")
    columns = {
        "mean": np.array(names, np.str_),
        "from": np.array([1, cut + 1, 1, 1, 1]),
        "to": np.array([cut, count, count, count, count]),
        "value": np.array([getattr(result, name) for name in names]),
    }
    return (Table("part9b", "Means", lambda: columns),)


def _long(array: Shaped[ndarray, "*index"], *axes: str, value: str) -> Columns:
    """Every value of an array, in its order, with its place along each axis."""
    places = np.indices(array.shape).reshape(array.ndim, -1)
    return dict(zip(axes, places, strict=True)) | {value: array.reshape(-1)}


def by_pair(matrix: Shaped[ndarray, "query key"], value: str, tokens: Sequence[str] = ()) -> Columns:
    """Every pair of a query and a key token, with their words where there are any."""
    return _with_text(_long(matrix, "query", "key", value=value), tokens, "query", "key")


def _with_text(columns: Columns, tokens: Sequence[str], *names: str) -> Columns:
    """The columns with the token's own text after each of the named ones."""
    words = np.array(tokens, np.str_)
    told: Columns = {}
    for name, column in columns.items():
        told[name] = column
        if name in names and len(tokens):
            told[f"{name}_text"] = words[column]
    return told


def _density(histograms: Density) -> Columns:
    return by_bin(histograms.edges, density=histograms.density)


def by_bin(edges: Float[ndarray, "*of edge"], **values: Float[ndarray, "*of bin"]) -> Columns:
    """Each bin's ends and its values, such as its density, for every layer if there are several."""
    shape = next(iter(values.values())).shape
    places: Columns = {"layer": np.arange(shape[0]).repeat(shape[1])} if len(shape) > 1 else {}
    sides = {"from": edges[..., :-1], "to": edges[..., 1:]}
    ends = {name: np.broadcast_to(side, shape).reshape(-1) for name, side in sides.items()}
    return places | ends | {name: value.reshape(-1) for name, value in values.items()}


def in_samples(**counts: int) -> Shaped[ndarray, " row"]:
    """So many rows of each sample."""
    return np.repeat(np.array(list(counts), np.str_), list(counts.values()))
