"""The nine parts as a notebook works them out with torch: layer by layer, one product a pair of heads."""

from __future__ import annotations

import math

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

from core.model.capture import Capture

MASK_SIZE = 5
Heads = list[list[Tensor]]
"""Each layer's heads, (T, d) each."""


def study(made: Capture, layer: int) -> dict[str, ndarray]:
    """All arrays of an export by name."""
    heads, width = made.heads, made.head_width
    Q, K = (
        [[torch.from_numpy(one[:, head * width :][:, :width]) for head in range(heads)] for one in activations]
        for activations in (made.query, made.key)
    )
    arrays = {
        "tokens": made.token_ids,
        "token_text": np.array(made.token_text),
        "part2_next_ids": made.next_ids,
        "part2_next_probability": made.next_probability,
        "part3_query_heads": torch.stack([query.T for query in Q[layer]]).numpy(),
    }
    arrays |= scaling() | raw_scores(Q, K, layer) | distributions(Q, K) | mask() | attention(Q, K, layer)
    whole = [torch.from_numpy(activations[layer]) for activations in (made.query, made.key)]
    return arrays | averaging(*whole, Q[layer], K[layer])


def density(values: Float[Tensor, "..."], edges: Float[ndarray, " edge"]) -> Float[ndarray, " bin"]:
    return np.histogram(values.numpy(), len(edges) - 1, (edges[0], edges[-1]), density=True)[0]


def scaling() -> dict[str, ndarray]:
    """Part 1."""
    sizes = np.arange(5, 101)
    raw, scaled = np.zeros((2, len(sizes)))
    for at, size in enumerate(sizes):
        generator = np.random.default_rng([0, size])
        left, right = (torch.from_numpy(generator.standard_normal((size, size))) for _ in range(2))
        product = torch.matmul(left, right)
        raw[at] = product.std(correction=0)
        scaled[at] = (product / math.sqrt(size)).std(correction=0)
    return {"part1_sizes": sizes, "part1_std_raw": raw, "part1_std_scaled": scaled, "part1_theory": np.sqrt(sizes)}


def raw_scores(Q: Heads, K: Heads, chosen: int) -> dict[str, ndarray]:
    """Parts 4 and 5."""
    edges = np.linspace(-20, 20, 101)
    samples, densities = {}, {"part5_within": [], "part5_across": []}
    for layer, (queries, keys) in enumerate(zip(Q, K, strict=True)):
        within, across = [], []
        for head_q, query in enumerate(queries):
            for head_k, key in enumerate(keys):
                scores = torch.matmul(query[-1], key[1:-1].T) / math.sqrt(query.shape[1])
                (within if head_q == head_k else across).append(scores)
        for name, scores in (("within", torch.cat(within)), ("across", torch.cat(across))):
            densities[f"part5_{name}"].append(density(scores, edges))
            if layer == chosen:
                samples[f"part4_{name}"] = scores.numpy()
    return samples | {"part5_edges": edges} | {name: np.array(rows) for name, rows in densities.items()}


def distributions(Q: Heads, K: Heads) -> dict[str, ndarray]:
    """Part 6."""
    raw_edges = np.linspace(-15, 15, 201)
    means, spreads, raw, softmax, softmax_edges = [], [], [], [], []
    for queries, keys in zip(Q, K, strict=True):
        scores = torch.stack(
            [torch.matmul(q, k.T) / math.sqrt(q.shape[1]) for q, k in zip(queries, keys, strict=True)]
        )
        weights = torch.softmax(scores, dim=-1)
        edges = np.linspace(weights.min().item(), weights.max().item(), 202)
        means.append(scores.mean())
        spreads.append(scores.std())
        raw.append(density(scores, raw_edges))
        softmax.append(density(weights, edges))
        softmax_edges.append(edges)
    return {
        "part6_mean": np.array(means),
        "part6_std": np.array(spreads),
        "part6_raw_edges": raw_edges,
        "part6_raw_density": np.array(raw),
        "part6_softmax_edges": np.array(softmax_edges),
        "part6_softmax_density": np.array(softmax),
    }


def mask() -> dict[str, ndarray]:
    """Part 7a."""
    binary = torch.triu(torch.ones(MASK_SIZE, MASK_SIZE), diagonal=1)
    causal = torch.zeros(MASK_SIZE, MASK_SIZE).masked_fill(binary == 1, -math.inf)
    weights = torch.softmax(causal, dim=-1)
    named = {"binary": binary, "causal": causal, "softmax": weights}
    return {f"part7_mask_{name}": matrix.numpy() for name, matrix in named.items()}


def attention(Q: Heads, K: Heads, chosen: int) -> dict[str, ndarray]:
    """Parts 7b and 8."""
    edges, tokens = np.linspace(0, 1, 91), len(Q[0][0])
    hidden = torch.triu(torch.full((tokens, tokens), -math.inf), diagonal=1)
    samples, densities = {}, []
    for layer, (queries, keys) in enumerate(zip(Q, K, strict=True)):
        final, own, first = [], [], []
        for query, key in zip(queries, keys, strict=True):
            scores = torch.matmul(query, key.T) / math.sqrt(query.shape[1])
            weights = torch.softmax(scores + hidden, dim=-1)
            final.append(weights[-1, :-1])
            own.append(weights.diagonal()[1:])
            first.append(weights[0, :1])
        named = {"final_to_previous": torch.cat(final), "self": torch.cat(own), "first_to_self": torch.cat(first)}
        densities.append([density(values, edges) for values in named.values()])
        if layer == chosen:
            samples = {f"part7_{name}": values.numpy() for name, values in named.items()}
    return samples | {"part8_edges": edges, "part8_density": np.array(densities)}


def averaging(query: Tensor, key: Tensor, queries: list[Tensor], keys: list[Tensor]) -> dict[str, ndarray]:
    """Part 9."""
    width = queries[0].shape[1]
    whole = torch.matmul(query, key.T) / (math.sqrt(width) * len(queries))
    each = [torch.matmul(q, k.T) / math.sqrt(width) for q, k in zip(queries, keys, strict=True)]
    return {"part9_all_heads": whole.numpy(), "part9_per_head_mean": torch.stack(each).mean(dim=0).numpy()}
