"""Part 1: why raw scores are divided by √d, on products of random matrices."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from core.distributions import SEED
from core.scores import softmax

SMALLEST, LARGEST = 5, 100
"""The matrix sizes n of the study."""


class Scaling(NamedTuple):
    """Spread (ddof 0) of the entries of P = A B for each matrix size n, and what theory expects."""

    sizes: Int[ndarray, " size"]
    std_raw: Float[ndarray, " size"]
    std_scaled: Float[ndarray, " size"]
    """of P / √n"""
    theory_raw: Float[ndarray, " size"]
    """σ²√n: an entry of P is a sum of n independent products, each of variance σ⁴."""
    theory_scaled: Float[ndarray, " size"]
    """σ²"""
    sigma: float


class Saturation(NamedTuple):
    """What the scale does to a softmax: one row of P and of P / √n, their weights, and the entropy of these."""

    size: int
    row_raw: Float[ndarray, " entry"]
    row_scaled: Float[ndarray, " entry"]
    weights_raw: Float[ndarray, " entry"]
    weights_scaled: Float[ndarray, " entry"]
    entropy_raw: float
    """−Σ p ln p in nats, from 0 (all weight on one entry) to `entropy_uniform`."""
    entropy_scaled: float
    entropy_uniform: float
    """ln n, the entropy of equal weights."""


def random_product(size: int, seed: int = SEED, sigma: float = 1.0) -> Float[ndarray, "row column"]:
    """P = A B, A and B with independent normal entries of spread `sigma`, A drawn first."""
    generator = np.random.default_rng([seed, size])
    left = generator.normal(0, sigma, (size, size))
    return left @ generator.normal(0, sigma, (size, size))


def scaling(smallest: int = SMALLEST, largest: int = LARGEST, seed: int = SEED, sigma: float = 1.0) -> Scaling:
    """Spread of the products against n = `smallest` … `largest`, both included."""
    sizes = np.arange(smallest, largest + 1)
    std_raw = np.array([random_product(size, seed, sigma).std() for size in sizes.tolist()])
    roots = np.sqrt(sizes)
    return Scaling(sizes, std_raw, std_raw / roots, sigma**2 * roots, np.full(len(sizes), sigma**2), sigma)


def saturation(size: int, seed: int = SEED, sigma: float = 1.0) -> Saturation:
    """Softmax over the first row of the same P as in `scaling`, and of P / √n."""
    raw = random_product(size, seed, sigma)[0]
    scaled = raw / np.sqrt(size)
    weights_raw, weights_scaled = softmax(raw), softmax(scaled)
    return Saturation(
        size,
        raw,
        scaled,
        weights_raw,
        weights_scaled,
        float(entropy(weights_raw)),
        float(entropy(weights_scaled)),
        float(np.log(size)),
    )


def entropy(weights: Float[ndarray, "*row entry"]) -> Float[ndarray, "*row"]:
    """Shannon entropy −Σ p ln p over the last axis, in nats; a weight of 0 adds nothing."""
    logs = np.log(weights, out=np.zeros_like(weights), where=weights > 0)
    return np.abs((weights * logs).sum(axis=-1))  # abs: −Σ of nothing but zeros would be −0.0
