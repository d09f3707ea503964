"""Part 1: why raw scores are divided by √d, on products of random matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from core.attention.distributions import SEED
from core.attention.scores import entropy, softmax
from core.model.capture import Capture
from core.parts.part import Array, Arrays
from core.parts.scaling import LARGEST, SMALLEST
from core.parts.tables import Table
from core.writing import number, percent


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

    def sentence(self) -> str:
        return (
            f"At n = {self.sizes[-1]} the entries of the product spread by {number(self.std_raw[-1])} without "
            f"scaling and by {number(self.std_scaled[-1])} after division by √n; "
            f"theory expects {number(self.theory_raw[-1])} and {number(self.theory_scaled[-1])}."
        )

    def tables(self, tokens: Sequence[str]) -> tuple[Table, ...]:
        names = ("std_raw", "std_scaled", "theory_raw", "theory_scaled")
        columns = {"size": self.sizes} | {name: getattr(self, name) for name in names}
        return (Table("part1", "Spread of the products", lambda: columns),)


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

    def sentence(self) -> str:
        return (
            f"At n = {self.size} softmax gives one entry {percent(self.weights_raw.max())} of the weight "
            f"without scaling (entropy {number(self.entropy_raw)} nats) and at most "
            f"{percent(self.weights_scaled.max())} after division by √n (entropy "
            f"{number(self.entropy_scaled)}); equal weights would have {number(self.entropy_uniform)}."
        )

    def tables(self, tokens: Sequence[str]) -> tuple[Table, ...]:
        names = ("row_raw", "row_scaled", "weights_raw", "weights_scaled")
        columns = {"entry": np.arange(self.size)} | {name: getattr(self, name) for name in names}
        return (Table("part1b", "Softmax of one row", lambda: columns),)


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


def export(_: Capture, layer: int, mask_size: int) -> Arrays:
    """What an export holds of the part."""
    one = scaling()
    return {
        "part1_sizes": Array(one.sizes, ('step',)),
        "part1_std_raw": Array(one.std_raw, ('step',)),
        "part1_std_scaled": Array(one.std_scaled, ('step',)),
        "part1_theory": Array(one.theory_raw, ('step',)),
    }
