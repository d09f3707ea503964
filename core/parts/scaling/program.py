"""Part 1: why the scores are divided by √d. Products of random matrices spread as √n."""

import numpy as np

SIZES_FROM = 5
SIZES_TO = 100
SIGMA = 1.0  # spread of the matrices' entries
SEED = 0
SIZE = 64  # of the matrix whose first row goes through softmax


def product(n: int) -> np.ndarray:
    """A B, with independent normal entries: A is drawn first."""
    generator = np.random.default_rng([SEED, n])
    A = generator.normal(0, SIGMA, (n, n))
    B = generator.normal(0, SIGMA, (n, n))
    return A @ B


def softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


sizes = np.arange(SIZES_FROM, SIZES_TO + 1)
std_raw = np.array([product(n).std() for n in sizes.tolist()])
std_scaled = np.array([(product(n) / np.sqrt(n)).std() for n in sizes.tolist()])
theory_raw = SIGMA**2 * np.sqrt(sizes)  # n products of variance σ⁴ each
theory_scaled = np.full(len(sizes), SIGMA**2)

row_raw = product(SIZE)[0]
row_scaled = row_raw / np.sqrt(SIZE)
weights_raw, weights_scaled = softmax(row_raw), softmax(row_scaled)

print(f"n = {sizes[-1]}: SD {std_raw[-1]:.3g} without scaling, {std_scaled[-1]:.3g} after division by √n")
print(f"largest softmax weight at n = {SIZE}: {weights_raw.max():.3g} and {weights_scaled.max():.3g}")
np.savez(
    "part1.npz",
    sizes=sizes,
    std_raw=std_raw,
    std_scaled=std_scaled,
    theory_raw=theory_raw,
    theory_scaled=theory_scaled,
    weights_raw=weights_raw,
    weights_scaled=weights_scaled,
)
