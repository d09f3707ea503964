"""Gaps of part 6: scores of all heads at once, and their raw and softmax distributions by layer."""

from __future__ import annotations

import numpy as np

from core.exercises.gap import Gap, Sizes, Topic, as_tensor, normal
from core.expressions import Value
from core.scores import softmax

WORDS = {
    "Q": "the queries of the layer with a batch axis, heads side by side, (1, T, E)",
    "q": "the queries by head, (1, H, T, d)",
    "k": "the keys by head, (1, H, T, d)",
    "S": "the raw scores of the layer, (1, H, T, T)",
    "S_h": "the raw scores of one head, (T, T)",
    "A": "softmax of the scores of the layer, (1, H, T, T)",
    "scores": "raw scores of all layers, a tensor, (L, H, T, T)",
    "raw": "the same as a numpy array, (L, H, T, T)",
    "density": "densities of softmax values, 0 where a bin is empty, (bins,)",
    "half": "the density that half of one value would have",
    "L": "layers",
    "E": "the embedding width",
    "H": "heads",
    "T": "tokens",
    "d": "the width of a head",
}


def values(sizes: Sizes, rng: np.random.Generator) -> dict[str, Value]:
    """Small tensors with a batch axis; some scores reach beyond ±15."""
    layers, heads, tokens, width, _ = sizes
    raw = normal(rng, layers, heads, tokens, tokens, spread=2) + np.arange(layers, dtype=np.float32).reshape(
        -1, 1, 1, 1
    )
    scores = normal(rng, 1, heads, tokens, tokens, spread=9)
    density = rng.integers(0, 3, 2 * tokens) / 4
    return {
        "Q": normal(rng, 1, tokens, sizes.embedding),
        "q": normal(rng, 1, heads, tokens, width),
        "k": normal(rng, 1, heads, tokens, width),
        "S": scores,
        "S_h": scores[0, 0],
        "A": as_tensor(softmax(np.asarray(scores) / 9)),
        "scores": raw,
        "raw": np.asarray(raw),
        "density": density,
        "half": 0.125,
        "L": layers,
        "E": sizes.embedding,
        "H": heads,
        "T": tokens,
        "d": width,
    }


SCORES = (
    Gap(
        id="6-heads",
        task="Bring the queries into the order that attention computes in: batch, head, token, dimension.",
        line="q = ____",
        given="Q H T d",
        result="the queries by head are (1, H, T, d)",
        ask="in which order do batch, head, token and dimension stand now?",
        hints=(
            "Only the last axis may be cut: E becomes H heads of d. Where do the heads stand after that?",
            "View as (1, T, H, d), then exchange tokens and heads.",
        ),
        solution="Q.view(1, T, H, d).transpose(1, 2)",
        reason="`view` can cut an axis but not move one, so the cut comes first, (1, T, H, d), and then the exchange.",
        mistakes={
            "Q.view(1, H, T, d)": "The shape fits, but `view` refills row by row: a head would hold a few "
            "whole tokens. Cut E first, then exchange two axes.",
            "Q.view(1, T, H, d)": "Cut rightly. Heads and tokens still have to change places.",
            "Q.view(T, H, d).transpose(0, 1)": "Right but for the batch axis, which should stay in front.",
            "Q.view(1, T, d, H).permute(0, 3, 1, 2)": "Cut the wrong way: E is H heads of d, not d of H.",
        },
    ),
    Gap(
        id="6-product",
        task="Score all tokens on all tokens in all heads, with one batched product, and scale.",
        line="S = ____",
        given="q k d E",
        result="the scores are (1, H, T, T)",
        ask="which two axes did you exchange?",
        hints=(
            "`@` multiplies the last two axes, and leaves the others alone. Which two axes of k have to change places?",
            "Exchange the last two axes of k, multiply, and divide by the root of the width of one head.",
        ),
        solution="q @ k.transpose(-2, -1) / d**0.5",
        reason="Batch and head are carried along, so every head gets its own T × T product; rows are queries.",
        mistakes={
            "q @ k.transpose(-2, -1)": "Not scaled yet: each score sums d products.",
            "k @ q.transpose(-2, -1) / d**0.5": "Keys and queries have changed places: rows should be queries.",
            "q @ k.transpose(-2, -1) / E**0.5": "That is √E, the width of all heads. A head sums over d.",
            "q.transpose(-2, -1) @ k / d**0.5": "That sums over tokens and leaves dimensions. Turn k instead.",
        },
    ),
    Gap(
        id="6-mean",
        task="The mean raw score of each layer, over all of its heads and tokens.",
        line="means = ____",
        given="scores L",
        result="there is a mean for each layer, (L,)",
        ask="which axes did you make go away?",
        hints=(
            "Layers stay. Heads, queries and keys go away.",
            "`mean` takes several axes at once, in a tuple. Which three are they?",
        ),
        solution="scores.mean(dim=(1, 2, 3))",
        reason="The named axes disappear, and only the layers, axis 0, are left.",
        mistakes={
            "scores.mean()": "That averages the layers too. Each should keep its own mean.",
            "scores.mean(dim=0)": "That averages over layers and keeps everything else: the other way round.",
            "scores.mean(dim=(0, 1, 2))": "That keeps the last axis, the keys. Layers are axis 0.",
            "scores.mean(dim=(2, 3))": "Heads are still apart, (L, H). They go away too.",
        },
    ),
    Gap(
        id="6-spread",
        task="And the SD of each layer, dividing by one less than the number of scores. `raw` is a numpy array.",
        line="spreads = ____",
        given="raw L",
        result="there is a spread for each layer, (L,)",
        ask="which axes did you make go away?",
        hints=(
            "torch divides by n − 1 unless told not to. What does numpy do?",
            "Name the three axes as for the mean, and tell numpy by `ddof` how many to take off n.",
        ),
        solution="raw.std(axis=(1, 2, 3), ddof=1)",
        reason="numpy divides by n and torch by n − 1: name `ddof` or `correction` when it matters.",
        mistakes={
            "raw.std(axis=(1, 2, 3))": "numpy divides by n unless told otherwise; n − 1 was asked for.",
            "raw.std(ddof=1)": "That is one spread for all layers together.",
            "raw.var(axis=(1, 2, 3), ddof=1)": "That is the variance: the root is missing.",
            "raw.mean(axis=(2, 3)).std(axis=1, ddof=1)": "That is how far the means of the heads lie apart. "
            "Single scores vary more.",
        },
    ),
)
DISTRIBUTIONS = (
    Gap(
        id="6-raw",
        task="Count the raw scores of a layer in 200 equal bins from −15 to 15. The counts alone.",
        line="counts[i] = ____",
        given="S",
        result="there is a count for each bin, (bins,)",
        ask="are there 200 bins, and only the counts?",
        hints=(
            "numpy's `histogram` takes an array of any shape, a number of bins, and the range they cover.",
            "`range` is a pair: the lowest and the highest edge. Of the two results take the first.",
        ),
        solution="np.histogram(S, bins=200, range=(-15, 15))[0]",
        reason="A number of bins and a range make the same equal bins for every layer; scores outside are not counted.",
        mistakes={
            "np.histogram(S, bins=200)[0]": "Without a range the bins follow this layer's own extremes, "
            "and layers cannot be compared.",
            "np.histogram(S, bins=200, range=(-15, 15))": "That is the counts and the edges. Take the first.",
            "np.histogram(S, bins=200, range=(-15, 15), density=True)[0]": "Those are densities. "
            "Counts were asked for.",
            "np.histogram(S, bins=200, range=(0, 15))[0]": "That leaves out every negative score.",
        },
    ),
    Gap(
        id="6-edges",
        task="The softmax values of a layer get 201 equal bins, from its smallest to its largest. Where are the edges?",
        line="edges = ____",
        given="A",
        result="201 bins have their edges in (bins + 1,)",
        ask="how many edges do 201 bins have?",
        hints=(
            "The first edge is the smallest value, the last edge the largest.",
            "`linspace` from `.min()` to `.max()`, with one edge more than there are bins.",
        ),
        solution="np.linspace(A.min(), A.max(), 202)",
        reason="Bins from the layer's own smallest to its largest value waste none; 201 bins have 202 edges.",
        mistakes={
            "np.linspace(0, 1, 202)": "A weight can lie between 0 and 1. These bins begin and end at the data.",
            "np.linspace(A.min(), A.max(), 201)": "201 edges have 200 bins between them.",
            "np.linspace(0, A.max(), 202)": "Softmax is never quite 0 without a mask: begin at the smallest value.",
        },
    ),
    Gap(
        id="6-empty",
        task="A logarithmic axis cannot show 0. Draw empty bins at half of one value, the others as they are.",
        line="drawn = ____",
        given="density half",
        result="there is a drawn density for each bin, (bins,)",
        ask="does each bin keep its place?",
        hints=(
            "Two cases, bin by bin: empty or not.",
            "numpy's `where` takes a condition, what to take where it holds, and what to take elsewhere.",
        ),
        solution="np.where(density > 0, density, half)",
        reason="log 0 is −∞. Half of one value is less than any full bin has, so empty bins stay the lowest.",
        mistakes={
            "density + half": "That lifts every bin. Only empty ones need it.",
            "np.where(density > 0, half, density)": "The two cases have changed places.",
            "density": "The zeros are still in it, and have no place on a logarithmic axis.",
            "density[density > 0]": "That drops the empty bins, so the others lose their places.",
        },
    ),
    Gap(
        id="6-visible",
        task="With the causal mask only scores on and below the diagonal count. Collect those of one head.",
        line="visible = ____",
        given="S_h T",
        result="the scores that count stand in one row, (T · (T + 1) / 2,)",
        ask="are the hidden ones gone, and the diagonal still there?",
        hints=(
            "Make a T × T mask that is true on and below the diagonal, and index with it.",
            "`torch.tril` of ones gives the triangle as numbers; a comparison turns them into True and False.",
        ),
        solution="S_h[torch.tril(torch.ones(T, T)) == 1]",
        reason="A mask of True and False picks entries out, so hidden scores are gone rather than set to 0.",
        mistakes={
            "torch.tril(S_h)": "The hidden scores are 0 now, and would be counted as scores of 0. Pick the others out.",
            "S_h[torch.tril(torch.ones(T, T), -1) == 1]": "The diagonal is missing: a token does see itself.",
            "S_h[torch.triu(torch.ones(T, T)) == 1]": "That is the side of the future. Row = query, column = key.",
            "S_h[torch.tril(torch.ones(T, T)) == 0]": "Those are the scores that the mask hides.",
        },
    ),
)
TOPIC = Topic(WORDS, values, SCORES + DISTRIBUTIONS)
