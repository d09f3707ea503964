"""Gaps of part 9: one product over all heads against the average of the heads' own, and means of groups."""

from __future__ import annotations

import numpy as np

from core.exercises.gap import Gap, Sizes, Topic, as_tensor, normal
from core.expressions import Tensor, Value

WORDS = {
    "Q": "the queries of the layer, all heads side by side, (T, E)",
    "K": "the keys of the layer, all heads side by side, (T, E)",
    "Qh": "the queries by head, (H, T, d)",
    "Kh": "the keys by head, (H, T, d)",
    "all_heads": "the scores that ignore heads, divided so that they agree, (T, T)",
    "per_head": "the mean over heads of the heads' own scores, (T, T)",
    "x": "the scores that ignore heads, plainly summed, as a numpy array, (T · T,)",
    "y": "the per-head averages that belong to them, (T · T,)",
    "numbers": "the numbers 1, 2, 3 …, (n,)",
    "cut": "how many of them the first group gets",
    "mean_1": "the mean of the first group",
    "mean_2": "the mean of the second group",
    "n_1": "how many are in the first group",
    "n_2": "how many are in the second group",
    "T": "tokens",
    "E": "the embedding width",
    "H": "heads",
    "d": "the width of a head",
}


def values(sizes: Sizes, rng: np.random.Generator) -> dict[str, Value]:
    """Small tensors of one layer, and groups of unequal size."""
    _, heads, tokens, width, _ = sizes
    query, key = normal(rng, tokens, sizes.embedding), normal(rng, tokens, sizes.embedding)
    by_head = [np.asarray(whole).reshape(tokens, heads, width).transpose(1, 0, 2) for whole in (query, key)]
    product = np.asarray(query) @ np.asarray(key).T
    per_head = (by_head[0] @ by_head[1].swapaxes(1, 2)).mean(axis=0)
    return {
        "Q": query,
        "K": key,
        "Qh": as_tensor(by_head[0]),
        "Kh": as_tensor(by_head[1]),
        "all_heads": (product / heads + rng.normal(0, 1e-2, product.shape).astype(np.float32)).view(Tensor),
        "per_head": per_head.view(Tensor),
        "x": product.reshape(-1).astype(float),
        "y": per_head.reshape(-1) + rng.normal(0, 0.3, product.size),
        "numbers": np.arange(1, tokens + 1),
        "cut": width - 2,
        "mean_1": 1.5 + width,
        "mean_2": 2.0 + tokens,
        "n_1": heads,
        "n_2": tokens,
        "T": tokens,
        "E": sizes.embedding,
        "H": heads,
        "d": width,
    }


HEADS = (
    Gap(
        id="9-merge",
        task="Ignoring heads means to lay them side by side again. Make one matrix of the heads' queries.",
        line="Q = ____",
        given="Qh T E H d",
        result="the queries side by side are (T, E)",
        ask="which axis must stand first before heads and dimensions are merged?",
        hints=(
            "Each row should be a token, with head 0's numbers first, then head 1's.",
            "Exchange heads and tokens first, then `reshape` the last two axes into one.",
        ),
        solution="Qh.transpose(0, 1).reshape(T, E)",
        reason="Merging axes reads row by row, so tokens must stand first; it undoes the cut into heads.",
        mistakes={
            "Qh.reshape(T, E)": "The shape fits, but it reads head by head: a row would mix tokens of one head.",
            "Qh.transpose(0, 1)": "Turned rightly. Heads and dimensions still have to become one axis.",
            "Qh.permute(1, 2, 0).reshape(T, E)": "That puts dimension 0 of every head first. Heads stay whole.",
            "Qh.flatten(0, 1)": "That puts the heads under each other. They belong side by side.",
        },
    ),
    Gap(
        id="9-ignoring",
        task="The product that ignores heads: every token on every token, over all E dimensions, not divided.",
        line="product = ____",
        given="Q K",
        result="the product is (T, T)",
        ask="over which axis does the sum run?",
        hints=(
            "Rows are queries, columns are keys; the sum runs over all E columns.",
            "The keys have to be turned, so that their dimensions meet those of the queries.",
        ),
        solution="Q @ K.T",
        reason="The sum over E dimensions is the sum over heads of each head's sum over its own d.",
        mistakes={
            "Q.T @ K": "That sums over tokens and leaves dimensions, (E, E). Turn the keys instead.",
            "K @ Q.T": "That has keys in the rows: the transpose of what you want.",
            "Q * K": "That multiplies entry by entry: each token meets only itself, and nothing is summed.",
        },
    ),
    Gap(
        id="9-per-head",
        task="And with heads: the mean over heads of each head's own scaled scores.",
        line="per_head = ____",
        given="Qh Kh d H",
        result="the average is (T, T)",
        ask="which axis did you average over?",
        hints=(
            "`@` works head by head when the heads stand first. Turn the last two axes of the keys.",
            "Divide by the root of d, then average over the axis of the heads.",
        ),
        solution="(Qh @ Kh.transpose(1, 2) / d**0.5).mean(dim=0)",
        reason="One T × T map for each head, and the mean runs over the first axis, the heads.",
        mistakes={
            "(Qh @ Kh.transpose(1, 2) / d**0.5).sum(dim=0)": "That is the sum over heads. A mean divides by H too.",
            "(Qh @ Kh.transpose(1, 2) / d**0.5).mean()": "That averages over tokens too. The map should stay.",
            "(Qh @ Kh.transpose(1, 2) / d**0.5).mean(dim=-1)": "That averages over keys, and leaves (H, T).",
            "(Qh @ Kh.transpose(1, 2)).mean(dim=0)": "Not scaled: each head's scores are divided by √d.",
        },
    ),
    Gap(
        id="9-divisor",
        task="What must Q Kᵀ be divided by to equal the mean over heads of Q_h K_hᵀ / √d?",
        line="all_heads = Q @ K.T / (____)",
        given="H d E",
        result="the divisor is one number",
        ask="which two steps of the per-head way divide?",
        hints=(
            "Q Kᵀ is the plain sum over heads of Q_h K_hᵀ. What is done to that sum in the other calculation?",
            "It is divided by √d for the scale, and by the number of heads for the mean.",
        ),
        solution="H * d**0.5",
        reason="Summing over all E dimensions adds the heads up; the mean divides by H, and the scale by √d.",
        mistakes={
            "E**0.5": "That is √(H · d): the root must not stand over H.",
            "d**0.5": "That makes the sum over heads. The mean divides by their number too.",
            "H": "That is the mean of the heads. The scale √d is missing.",
            "E": "That is H · d. The root belongs over d.",
        },
    ),
    Gap(
        id="9-difference",
        task="The two should be equal but for rounding. How large is the largest difference, whatever its sign?",
        line="largest = ____",
        given="all_heads per_head",
        result="the largest difference is one number",
        ask="did you take the largest of all?",
        hints=(
            "Differences of either sign count. What takes the sign away?",
            "Subtract, take the absolute value, then the largest.",
        ),
        solution="(all_heads - per_head).abs().max()",
        reason="Without the absolute value a large negative difference would go unseen.",
        mistakes={
            "(all_heads - per_head).max()": "That misses negative differences, however large.",
            "(all_heads - per_head).abs().mean()": "That is the mean difference. The largest was asked for.",
            "(all_heads.abs() - per_head.abs()).max()": "Subtract first. Two numbers of different sign can have the "
            "same size.",
            "(all_heads - per_head).sum().abs()": "In a sum differences cancel.",
        },
    ),
    Gap(
        id="9-slope",
        task="Measure the slope of the points (x, y) through the origin: Σxy / Σx².",
        line="slope = ____",
        given="x y",
        result="the slope is one number",
        ask="are there two sums?",
        hints=(
            "Two sums: one of products, one of squares.",
            "Multiply entry by entry and sum; divide by the sum of the squares of the horizontal axis.",
        ),
        solution="(x * y).sum() / (x**2).sum()",
        reason="It is the slope of the line through the origin that comes closest to the points, counted along y.",
        mistakes={
            "(x * y).sum() / (y**2).sum()": "Those squares are of y: that is the slope of x against y.",
            "y.mean() / x.mean()": "That follows the two means only, and breaks down where x averages to 0.",
            "(y / x).mean()": "That gives points near 0 as much say as any other.",
            "(x * y / x**2).sum()": "Each sum comes first, the division last.",
        },
    ),
    Gap(
        id="9-own-width",
        task="Divide each product by the root of its own width: Q Kᵀ by √E, the heads' by √d. Which slope comes out?",
        line="expected_slope = ____",
        given="H d E",
        result="the slope is one number",
        ask="does it depend on anything but the sizes?",
        hints=(
            "The average is Q Kᵀ / (H · √d). The other axis is Q Kᵀ / √E. What is their ratio?",
            "√E over H · √d. With E = H · d the root of d cancels.",
        ),
        solution="1 / H**0.5",
        reason="√(H · d) / (H · √d) = 1/√H: the one product over all heads comes out √H times as large as the average.",
        mistakes={
            "1 / H": "That is the slope of the plain sums. Here √E and √d differ too, and that gives back a √H.",
            "1": "That would be so if both were divided to match. √E is not H · √d.",
            "H**0.5": "Upside down: that is x against y.",
            "1 / d**0.5": "d cancels: it is in both divisors. H is not.",
        },
    ),
)
MEANS = (
    Gap(
        id="9-groups",
        task="Cut the numbers after the first few, take the mean of each group, and the mean of the two means.",
        line="of_means = ____",
        given="numbers cut",
        result="the mean of means is one number",
        ask="are there two groups, with a mean each?",
        hints=(
            "Two slices: up to the cut, and from the cut on.",
            "Mean of each slice, then half of their sum.",
        ),
        solution="(numbers[:cut].mean() + numbers[cut:].mean()) / 2",
        reason="Both groups count the same here, so a number in the small group counts for more: "
        "it is not the mean of all.",
        mistakes={
            "numbers.mean()": "That is the mean of all numbers. It only agrees when the groups are of one size.",
            "numbers[:cut].mean() + numbers[cut:].mean()": "That is the sum of the two means: halve it.",
            "(numbers[:cut].mean() + numbers[cut + 1:].mean()) / 2": "The number after the cut is in neither group: "
            "a slice begins with its first place.",
            "(numbers[:cut].sum() + numbers[cut:].sum()) / 2": "Those are sums of the groups. Take means.",
        },
    ),
    Gap(
        id="9-weighted",
        task="Two groups of unequal size: put their means together so that the mean of all numbers comes out.",
        line="overall = ____",
        given="mean_1 mean_2 n_1 n_2",
        result="the overall mean is one number",
        ask="does every number count once?",
        hints=(
            "A mean times how many there are is a sum. What do the two sums make together?",
            "Add the two sums, and divide by how many numbers there are in all.",
        ),
        solution="(n_1 * mean_1 + n_2 * mean_2) / (n_1 + n_2)",
        reason="Each mean counts as often as its group has members. Heads are equally wide and need no weights.",
        mistakes={
            "(mean_1 + mean_2) / 2": "Both groups count the same there. The larger should count for more.",
            "(n_2 * mean_1 + n_1 * mean_2) / (n_1 + n_2)": "Each mean has the other group's size.",
            "(n_1 * mean_1 + n_2 * mean_2) / 2": "The sum of all is right. How many numbers share it?",
            "n_1 * mean_1 + n_2 * mean_2": "That is the sum of all numbers. Divide by how many they are.",
        },
    ),
)
TOPIC = Topic(WORDS, values, HEADS + MEANS)
