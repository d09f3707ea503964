"""The nine parts in plain loops over layers, heads and tokens, written from their definitions alone.

Nothing here comes from `core` but the activations that it is given. Everything is float64, so that a difference
is core's. What `study` gives is named and shaped as an export.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy import ndarray

from core.model.capture import Capture


class Reference(NamedTuple):
    arrays: dict[str, ndarray]
    """As in an export."""
    histograms: dict[str, list[ndarray]]
    """The values behind each density array, one entry a histogram, in the order of its leading axes."""


def study(capture: Capture, layer: int, mask_size: int = 5) -> Reference:
    parts = [
        Reference({"tokens": capture.token_ids, "token_text": np.array(capture.token_text)}, {}),
        part1(),
        Reference({"part2_next_ids": capture.next_ids, "part2_next_probability": capture.next_probability}, {}),
        part3(capture, layer),
        part3_overview(capture),
        part4(capture, layer),
        part5(capture),
        part6(capture),
        part7_mask(mask_size),
        part7(capture, layer),
        part8(capture),
        part9(capture, layer),
        part10(capture),
    ]
    arrays = {name: array for part in parts for name, array in part.arrays.items()}
    histograms = {name: values for part in parts for name, values in part.histograms.items()}
    return Reference(arrays, histograms)


def head_slice(activations: ndarray, head: int, width: int) -> ndarray:
    """(T, E) to (T, d): columns h·d to (h+1)·d."""
    return activations[:, head * width : (head + 1) * width].astype(np.float64)


def raw_score(capture: Capture, layer: int, product: float) -> float:
    """By the model's own scale, and soft-capped where the layer does that."""
    score, cap = product * float(capture.scale[layer]), float(capture.softcap[layer])
    return score if math.isinf(cap) else cap * math.tanh(score / cap)


def seen_keys(capture: Capture, layer: int, token: int, masked: bool) -> list[int]:
    """The keys that a query token may see; without the mask all."""
    mask = capture.masks[capture.mask_of_layer[layer]]
    return [key for key in range(capture.tokens) if not masked or mask[token, key]]


def softmax_of(row: list[float]) -> list[float]:
    largest = max(row)
    powers = [math.exp(score - largest) for score in row]
    total = sum(powers)
    return [power / total for power in powers]


def density(values: ndarray, edges: ndarray) -> ndarray:
    """numpy's density, with zeros in place of NaN where nothing lies inside, and for edges without width."""
    counts, _ = np.histogram(values, edges)
    width = edges[1] - edges[0]
    return counts / (counts.sum() * width) if counts.sum() and width else np.zeros(len(edges) - 1)


def part1(sizes: range = range(5, 101), seed: int = 0, sigma: float = 1.0) -> Reference:
    raw, scaled, theory = [], [], []
    for size in sizes:
        generator = np.random.default_rng([seed, size])
        left = sigma * generator.standard_normal((size, size))
        right = sigma * generator.standard_normal((size, size))
        product = left.dot(right)
        raw.append(np.std(product))
        scaled.append(np.std(product / math.sqrt(size)))
        theory.append(sigma**2 * math.sqrt(size))
    names = ("part1_sizes", "part1_std_raw", "part1_std_scaled", "part1_theory")
    arrays = (np.array(sizes), np.array(raw), np.array(scaled), np.array(theory))
    return Reference(dict(zip(names, arrays, strict=True)), {})


def part3(capture: Capture, layer: int) -> Reference:
    heads = [head_slice(capture.query[layer], head, capture.head_width).T for head in range(capture.heads)]
    return Reference({"part3_query_heads": np.array(heads)}, {})


def weights_of(capture: Capture, layer: int, head: int, token: int) -> list[float]:
    """One row of A, with 0 where the mask hides the key."""
    query = head_slice(capture.query[layer], head, capture.head_width)[token]
    keys = head_slice(capture.key[layer], head, capture.head_width)
    seen = seen_keys(capture, layer, token, masked=True)
    given = softmax_of([raw_score(capture, layer, keys[key].dot(query)) for key in seen])
    row = [0.0] * capture.tokens
    for key, weight in zip(seen, given, strict=True):
        row[key] = weight
    return row


def mean_of(values: list[float]) -> float:
    return sum(values) / len(values) if values else math.nan


OVERVIEW = ("to_first", "to_previous", "to_itself", "raw_score", "within_minus_across", "to_duplicates")


def part3_overview(capture: Capture) -> Reference:
    """Five numbers of every head, and what it gives to earlier places of the same token."""
    tokens, ids = capture.tokens, [int(number) for number in capture.token_ids]
    found = {name: np.full((capture.layers, capture.heads), np.nan) for name in OVERVIEW}
    for layer in range(capture.layers):
        every = [head_slice(capture.key[layer], head, capture.head_width) for head in range(capture.heads)]
        for head in range(capture.heads):
            queries = head_slice(capture.query[layer], head, capture.head_width)
            rows = [weights_of(capture, layer, head, token) for token in range(tokens)]
            raw = [
                raw_score(capture, layer, every[head][key].dot(queries[token]))
                for token in range(tokens)
                for key in seen_keys(capture, layer, token, masked=True)
            ]
            previous = range(1, tokens - 1)
            last = [[raw_score(capture, layer, keys[key].dot(queries[-1])) for key in previous] for keys in every]
            others = [score for other, scores in enumerate(last) if other != head for score in scores]
            earlier = {token: [key for key in range(token) if ids[key] == ids[token]] for token in range(tokens)}
            given = [sum(rows[token][key] for key in keys) for token, keys in earlier.items() if keys]
            numbers = (
                mean_of([rows[token][0] for token in range(1, tokens)]),
                mean_of([rows[token][token - 1] for token in range(1, tokens)]),
                mean_of([rows[token][token] for token in range(1, tokens)]),
                mean_of(raw),
                mean_of(last[head]) - mean_of(others),
                mean_of(given),
            )
            for name, number in zip(OVERVIEW, numbers, strict=True):
                found[name][layer, head] = number
    return Reference({f"part3_{name}": values for name, values in found.items()}, {})


def last_query_scores(
    capture: Capture, layer: int, token: int | None = None, leave_out_first: bool = True
) -> tuple[ndarray, ndarray]:
    """Part 4's two samples, within and across heads, key by key."""
    width = capture.head_width
    token = capture.tokens - 1 if token is None else token
    within, across = [], []
    for query_head in range(capture.heads):
        query = head_slice(capture.query[layer], query_head, width)[token]
        for key_head in range(capture.heads):
            keys = head_slice(capture.key[layer], key_head, width)
            for position in range(1 if leave_out_first else 0, token):
                score = raw_score(capture, layer, query.dot(keys[position]))
                (within if query_head == key_head else across).append(score)
    return np.array(within), np.array(across)


def part4(capture: Capture, layer: int) -> Reference:
    within, across = last_query_scores(capture, layer)
    pairs = head_pairs(capture, layer)
    return Reference({"part4_within": within, "part4_across": across, "part4_head_pairs": pairs}, {})


def head_pairs(capture: Capture, layer: int) -> ndarray:
    """The mean score of each head's queries on each head's keys, over the keys that each token may see."""
    means = np.zeros((capture.heads, capture.heads))
    for query_head in range(capture.heads):
        queries = head_slice(capture.query[layer], query_head, capture.head_width)
        for key_head in range(capture.heads):
            keys = head_slice(capture.key[layer], key_head, capture.head_width)
            scores = [
                raw_score(capture, layer, queries[token].dot(keys[key]))
                for token in range(capture.tokens)
                for key in seen_keys(capture, layer, token, masked=True)
            ]
            means[query_head, key_head] = sum(scores) / len(scores)
    return means


def part5(capture: Capture, token: int | None = None, leave_out_first: bool = True) -> Reference:
    edges = np.linspace(-20, 20, 101)
    values = [last_query_scores(capture, layer, token, leave_out_first) for layer in range(capture.layers)]
    within, across = [pair[0] for pair in values], [pair[1] for pair in values]
    arrays = {
        "part5_edges": edges,
        "part5_within": np.array([density(sample, edges) for sample in within]),
        "part5_across": np.array([density(sample, edges) for sample in across]),
    }
    return Reference(arrays, {"part5_within": within, "part5_across": across})


def all_scores(capture: Capture, layer: int, causal: bool) -> tuple[ndarray, ndarray]:
    """Every raw score of a layer and its weight; if causal, of what the model's mask leaves only."""
    width = capture.head_width
    raw, soft = [], []
    for head in range(capture.heads):
        queries = head_slice(capture.query[layer], head, width)
        keys = head_slice(capture.key[layer], head, width)
        for token in range(capture.tokens):
            seen = seen_keys(capture, layer, token, causal)
            row = [raw_score(capture, layer, keys[key].dot(queries[token])) for key in seen]
            raw.extend(row)
            soft.extend(softmax_of(row))
    return np.array(raw), np.array(soft)


def part6(capture: Capture, causal: bool = False) -> Reference:
    layers = [all_scores(capture, layer, causal) for layer in range(capture.layers)]
    raw, soft = [pair[0] for pair in layers], [pair[1] for pair in layers]
    raw_edges = np.linspace(-15, 15, 201)
    soft_edges = [np.linspace(values.min(), values.max(), 202) for values in soft]
    arrays = {
        "part6_mean": np.array([values.mean() for values in raw]),
        "part6_std": np.array([values.std(ddof=1) if len(values) > 1 else np.nan for values in raw]),
        "part6_raw_edges": raw_edges,
        "part6_raw_density": np.array([density(values, raw_edges) for values in raw]),
        "part6_softmax_edges": np.array(soft_edges),
        "part6_softmax_density": np.array(
            [density(values, edges) for values, edges in zip(soft, soft_edges, strict=True)]
        ),
    }
    return Reference(arrays, {"part6_raw_density": raw, "part6_softmax_density": soft})


def part7_mask(size: int) -> Reference:
    binary, causal = np.zeros((size, size)), np.zeros((size, size))
    for row in range(size):
        for column in range(row + 1, size):
            binary[row, column] = 1
            causal[row, column] = -math.inf
    soft = np.array([softmax_of(list(row)) for row in causal])
    return Reference({"part7_mask_binary": binary, "part7_mask_causal": causal, "part7_mask_softmax": soft}, {})


def attention_samples(capture: Capture, layer: int) -> tuple[ndarray, ndarray, ndarray]:
    """Part 7b's three samples: final to previous, self, first to self."""
    width = capture.head_width
    final, own, first = [], [], []
    for head in range(capture.heads):
        queries = head_slice(capture.query[layer], head, width)
        keys = head_slice(capture.key[layer], head, width)
        for token in range(capture.tokens):
            seen = seen_keys(capture, layer, token, masked=True)
            row = [raw_score(capture, layer, keys[key].dot(queries[token])) for key in seen]
            weights = dict(zip(seen, softmax_of(row), strict=True))  # what is hidden gets nothing
            (own if token else first).append(weights.get(token, 0.0))
            if token == capture.tokens - 1:
                final.extend(weights.get(key, 0.0) for key in range(token))
    return np.array(final), np.array(own), np.array(first)


def part7(capture: Capture, layer: int) -> Reference:
    names = ("part7_final_to_previous", "part7_self", "part7_first_to_self")
    return Reference(dict(zip(names, attention_samples(capture, layer), strict=True)), {})


def part8(capture: Capture) -> Reference:
    edges = np.linspace(0, 1, 91)
    values = [sample for layer in range(capture.layers) for sample in attention_samples(capture, layer)]
    densities = np.array([density(sample, edges) for sample in values]).reshape(capture.layers, 3, 90)
    return Reference({"part8_edges": edges, "part8_density": densities}, {"part8_density": values})


def part9(capture: Capture, layer: int) -> Reference:
    width, heads, tokens = capture.head_width, capture.heads, capture.tokens
    scale = float(capture.scale[layer])
    query, key = capture.query[layer].astype(np.float64), capture.key[layer].astype(np.float64)
    whole = np.zeros((tokens, tokens))
    for token in range(tokens):
        whole[token] = key.dot(query[token]) * scale / heads
    mean = np.zeros((tokens, tokens))
    for head in range(heads):
        for token in range(tokens):
            scores = head_slice(key, head, width).dot(head_slice(query, head, width)[token])
            mean[token] += scores * scale / heads
    row = average_order_of_row(capture, [layer], tokens - 1)
    both = {"part9_mean_of_softmaxes": row[0], "part9_softmax_of_mean": row[1]}
    by_layer = [average_order(capture, one) for one in range(capture.layers)]
    names = ("part9_distance_by_layer", "part9_entropy_of_mean_by_layer", "part9_entropy_of_one_by_layer")
    both |= dict(zip(names, np.array(by_layer).T, strict=True))
    return Reference({"part9_all_heads": whole, "part9_per_head_mean": mean, **both}, {})


def average_order_of_row(capture: Capture, layers: list[int], token: int) -> tuple[ndarray, ndarray]:
    """A query's weights over all keys, averaged over all heads of these layers: after softmax, and before it."""
    rows, width = [], capture.head_width
    for layer in layers:
        for head in range(capture.heads):
            query = head_slice(capture.query[layer], head, width)[token]
            keys = head_slice(capture.key[layer], head, width)
            row = [-math.inf] * capture.tokens
            for key in seen_keys(capture, layer, token, masked=True):
                row[key] = raw_score(capture, layer, query.dot(keys[key]))
            rows.append(row)
    after = np.array([softmax_of(row) for row in rows]).sum(axis=0) / len(rows)
    before = softmax_of([sum(row[key] for row in rows) / len(rows) for key in range(capture.tokens)])
    return after, np.array(before)


def average_order(capture: Capture, layer: int) -> tuple[float, float, float]:
    """Means over the queries that see several keys: half of Σ |a − b|, and both entropies as parts of ln n."""
    distances, after, before = [], [], []
    for token in range(capture.tokens):
        count = len(seen_keys(capture, layer, token, masked=True))
        if count > 1:
            rows = average_order_of_row(capture, [layer], token)
            distances.append(sum(abs(a - b) for a, b in zip(*rows, strict=True)) / 2)
            for into, row in zip((after, before), rows, strict=True):
                into.append(sum(-p * math.log(p) for p in row if p > 0) / math.log(count))
    if not distances:
        return math.nan, math.nan, math.nan
    return sum(distances) / len(distances), sum(after) / len(after), sum(before) / len(before)


def part10(capture: Capture) -> Reference:
    """The mean over query tokens that see several keys of −Σ A ln A / ln n, for each layer and head."""
    entropies = np.full((capture.layers, capture.heads), np.nan)
    for layer in range(capture.layers):
        for head in range(capture.heads):
            queries = head_slice(capture.query[layer], head, capture.head_width)
            keys = head_slice(capture.key[layer], head, capture.head_width)
            shares = []
            for token in range(capture.tokens):
                seen = seen_keys(capture, layer, token, masked=True)
                weights = softmax_of([raw_score(capture, layer, keys[key].dot(queries[token])) for key in seen])
                if len(seen) > 1:
                    shares.append(sum(-p * math.log(p) for p in weights if p > 0) / math.log(len(seen)))
            if shares:
                entropies[layer, head] = sum(shares) / len(shares)
    return Reference({"part10_entropy": entropies, "part10_by_layer": entropies.mean(axis=1)}, {})


def first_share(capture: Capture) -> tuple[ndarray, ndarray]:
    """The mean of A[i, 0] over i > 0 for each layer and head, and what equal weights would give, for each layer."""
    share, even = np.full((capture.layers, capture.heads), np.nan), np.full(capture.layers, np.nan)
    later = range(1, capture.tokens)
    for layer in range(capture.layers if later else 0):
        seen = [seen_keys(capture, layer, token, masked=True) for token in range(capture.tokens)]
        even[layer] = sum(1 / len(seen[token]) if 0 in seen[token] else 0 for token in later) / len(later)
        for head in range(capture.heads):
            queries = head_slice(capture.query[layer], head, capture.head_width)
            keys = head_slice(capture.key[layer], head, capture.head_width)
            given = 0.0
            for token in later:
                row = softmax_of([raw_score(capture, layer, keys[key].dot(queries[token])) for key in seen[token]])
                given += dict(zip(seen[token], row, strict=True)).get(0, 0.0)
            share[layer, head] = given / len(later)
    return share, even
