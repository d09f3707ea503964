"""The nine parts in plain loops over layers, heads and tokens, written from their definitions alone.

Nothing here comes from `core` but the activations that it is given. Everything is float64, so that a difference
is core's. What `study` gives is named and shaped as an export.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy import ndarray

from core.capture import Capture


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
        part4(capture, layer),
        part5(capture),
        part6(capture),
        part7_mask(mask_size),
        part7(capture, layer),
        part8(capture),
        part9(capture, layer),
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
    return Reference({"part4_within": within, "part4_across": across}, {})


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
    return Reference({"part9_all_heads": whole, "part9_per_head_mean": mean}, {})
