"""Gaps of part 1: why the scores are divided by √d."""

from __future__ import annotations

import numpy as np

from core.exercises.gap import Gap, Sizes, Topic
from core.expressions import Value

WORDS = {
    "A": "a matrix of independent normal numbers of spread sigma, (n, n)",
    "B": "a second one, (n, n)",
    "P": "the product of the two, (n, n)",
    "n": "the matrix size",
    "sizes": "the matrix sizes along the chart, (how many,)",
    "sigma": "the spread of the entries of A and of B",
    "row": "one row of scores, (n,)",
    "p": "softmax weights of one row: positive, and 1 in all, (n,)",
}


def values(sizes: Sizes, rng: np.random.Generator) -> dict[str, Value]:
    """Small numpy arrays; n is the number of tokens of `sizes`."""
    n = sizes.tokens
    sigma = n / 4
    a, b = rng.normal(0, sigma, (2, n, n))
    row = (a @ b)[0] / 4
    weights = np.exp(row) / np.exp(row).sum()
    matrix_sizes = np.arange(5, 5 + sizes.layers)
    return {"A": a, "B": b, "P": a @ b, "n": n, "sizes": matrix_sizes, "sigma": sigma, "row": row, "p": weights}


GAPS = (
    Gap(
        id="1-product",
        task="Multiply the two random matrices, as Q and Kᵀ are multiplied later.",
        line="P = ____",
        given="A B",
        result="the product is (n, n)",
        ask="does each entry come from a row of A and a column of B?",
        hints=(
            "You want the matrix product, not entry times entry.",
            "Python has a sign of its own for the matrix product. A stands on the left of it.",
        ),
        solution="A @ B",
        reason="Each entry is a row of A times a column of B, summed: n products of two random numbers.",
        mistakes={
            "A * B": "`*` multiplies entry by entry, and nothing is summed. A score is a sum over a row and a column.",
            "A @ B.T": "That takes rows of A with rows of B. Here B goes in as it is.",
            "B @ A": "That is B A: in a matrix product the order counts.",
        },
    ),
    Gap(
        id="1-root",
        task="Scale the product so that its spread no longer depends on n.",
        line="P_scaled = ____",
        given="P n",
        result="the scaled product is (n, n)",
        ask="is every entry of P divided by one and the same number?",
        hints=(
            "A sum of n independent terms has n times the variance of one term. What happens to the spread?",
            "The spread grows like the root of n. Divide by that.",
        ),
        solution="P / np.sqrt(n)",
        reason="The spread of a sum of n independent terms grows like √n, so dividing by √n keeps it where it was.",
        mistakes={
            "P / n": "The variance grows like n, the spread only like its root. Divided by n, large matrices shrink.",
            "P * np.sqrt(n)": "That makes the spread grow faster still: divide instead.",
            "P / P.std()": "That gives spread 1 whatever P is. You would no longer see whether theory is right.",
        },
    ),
    Gap(
        id="1-spread",
        task="Measure the standard deviation of all entries of P, dividing by their number.",
        line="spread[i] = ____",
        given="P",
        result="the spread is one number",
        ask="over which entries did you take it?",
        hints=(
            "numpy knows the standard deviation, as a function and as a method of an array.",
            "Name no axis: then all entries count together.",
        ),
        solution="P.std()",
        reason="With no axis named, all n² entries are one sample; numpy divides by their number unless told not to.",
        mistakes={
            "P.var()": "That is the variance, the square of what you want.",
            "P.std(axis=0)": "With axis=0 every column gets a spread of its own. One for the whole matrix is wanted.",
            "P.std(ddof=1)": "That divides by one less than the number of entries. Here it is their number.",
            "np.abs(P).mean()": "That is their mean distance from 0; the spread squares before it averages.",
        },
    ),
    Gap(
        id="1-theory",
        task="Draw what theory expects of the unscaled product, for every matrix size.",
        line="theory = ____",
        given="sizes sigma",
        result="the curve has one value for each size, (how many,)",
        ask="does your answer use all of `sizes`?",
        hints=(
            "One product of two entries has variance sigma⁴: the variances of independent factors multiply.",
            "n of them have variance n · sigma⁴. Take the root, for all sizes at once.",
        ),
        solution="sigma**2 * np.sqrt(sizes)",
        reason="An entry of P is a sum of n independent products, each of variance σ⁴. The root of nσ⁴ is σ²√n.",
        mistakes={
            "sigma * np.sqrt(sizes)": "Two matrices are multiplied, and both bring their spread: sigma comes in twice.",
            "sigma**2 * sizes": "That grows like n. The variance does; the curve shows the spread, its root.",
            "sigma**4 * sizes": "That is the variance. The curve shows the spread, its root.",
            "np.sqrt(sizes)": "That holds for sigma = 1. Where does the spread of the entries come in?",
        },
    ),
    Gap(
        id="1-theory-scaled",
        task="And what theory expects after scaling: again one value for every matrix size.",
        line="theory_scaled = ____",
        given="sizes sigma",
        result="the curve has one value for each size, (how many,)",
        ask="is there a value for each size, although the line is flat?",
        hints=(
            "Divide the curve σ²√n by the scale √n. What is left of n?",
            "The same number for every size: fill an array as long as `sizes` with it.",
        ),
        solution="np.full(len(sizes), sigma**2)",
        reason="√n cancels, so σ² is left for every size: the scaled spread no longer knows how wide the matrices are.",
        mistakes={
            "np.ones(len(sizes))": "That is the answer for sigma = 1 only.",
            "np.full(len(sizes), sigma)": "Both factors bring a spread of sigma: it comes in squared.",
            "sigma**2": "The right number, once. The chart wants it for each size.",
            "sigma**2 / np.sqrt(sizes)": "That divides by √n twice over: the spread of P had grown by it first.",
        },
    ),
    Gap(
        id="1-softmax",
        task="Turn a row of scores into weights: positive, and 1 in all. numpy has no softmax, so write it out.",
        line="p = ____",
        given="row",
        result="there is a weight for each score, (n,)",
        ask="did a sum leave only one number?",
        hints=(
            "exp makes every score positive. What makes the row sum to 1?",
            "Divide the exponentials by their own sum.",
        ),
        solution="np.exp(row) / np.exp(row).sum()",
        reason="Softmax compares exponentials, so what counts is the difference between scores: "
        "large ones leave one winner.",
        mistakes={
            "row / row.sum()": "Scores can be negative, so these are no weights. exp comes first.",
            "np.exp(row / row.sum())": "exp comes first, then the division, by the sum of the exponentials.",
            "np.exp(row) / np.exp(row).max()": "Now the largest weight is 1. It is the sum that should be 1.",
            "np.exp(row)": "Positive, but not 1 in all: divide by the sum.",
        },
    ),
    Gap(
        id="1-entropy",
        task="Say in one number, in nats, how evenly the weights are spread: the entropy.",
        line="entropy = ____",
        given="p",
        result="the entropy is one number",
        ask="is there a sum over the whole row?",
        hints=(
            "Each weight is multiplied by its own logarithm.",
            "Sum those, and turn the sign: logarithms of weights are not positive. Nats take the natural logarithm.",
        ),
        solution="-(p * np.log(p)).sum()",
        reason="It is 0 when one entry has all the weight, and ln n when all have the same: "
        "large scores drive it towards 0.",
        mistakes={
            "(p * np.log(p)).sum()": "The right size with the wrong sign: logarithms of weights are negative.",
            "-np.log(p).sum()": "Every logarithm counts the same here. Each should count as much as its weight.",
            "-(p * np.log2(p)).sum()": "That is in bits. Nats take the natural logarithm.",
            "-p * np.log(p)": "Those are the terms, one for each weight. Their sum is the entropy.",
        },
    ),
)
TOPIC = Topic(WORDS, values, GAPS)
