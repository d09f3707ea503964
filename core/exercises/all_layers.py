"""Gaps of part 5: part 4's distributions for every layer, on shared bins."""

from __future__ import annotations

import numpy as np

from core.exercises.gap import Gap, Sizes, Topic
from core.expressions import Value

WORDS = {
    "x": "the scores of layer i, (n,)",
    "edges": "where the shared bins begin and end, (bins + 1,)",
    "densities": "a density in every layer and bin, (L, bins)",
    "mean": "their mean over layers, (bins,)",
    "L": "layers",
}


def values(sizes: Sizes, rng: np.random.Generator) -> dict[str, Value]:
    """numpy arrays with a few wide bins; some scores fall outside."""
    edges = np.linspace(-20, 20, sizes.mask + 6)
    densities = rng.random((sizes.layers, len(edges) - 1)) / 20
    return {
        "x": rng.normal(-2, 13, 10 * sizes.tokens),
        "edges": edges,
        "densities": densities,
        "mean": densities.mean(axis=0),
        "L": sizes.layers,
    }


GAPS = (
    Gap(
        id="5-edges",
        task="All layers share their bins: 100 equal ones from −20 to 20. Where are their edges?",
        line="edges = ____",
        given="",
        result="100 bins have their edges in (bins + 1,)",
        ask="how many edges do 100 bins have?",
        hints=(
            "Bins stand between edges, like gaps between fence posts. How many posts for 100 gaps?",
            "numpy's `linspace` takes the first edge, the last edge, and how many edges there are.",
        ),
        solution="np.linspace(-20, 20, 101)",
        reason="Bins lie between edges, so there is one edge more than bins. Shared edges make layers comparable.",
        mistakes={
            "np.linspace(-20, 20, 100)": "100 edges have 99 bins between them.",
            "np.arange(-20, 20, 0.4)": "`arange` stops before its end, so the last edge, 20, is missing.",
            "np.linspace(0, 20, 101)": "Scores are negative too: the first edge is −20.",
            "np.linspace(-19.8, 19.8, 100)": "Those are the centres of the bins.",
        },
    ),
    Gap(
        id="5-empty",
        task="Make room for the densities of all layers, full of zeros.",
        line="densities = ____",
        given="L edges",
        result="the array has a row for each layer and a column for each bin, (L, bins)",
        ask="how many bins lie between the edges, and which axis are the layers?",
        hints=(
            "Layers are rows, bins are columns. How many bins do the edges make?",
            "numpy's `zeros` takes the shape as one tuple. There is one bin less than there are edges.",
        ),
        solution="np.zeros((L, len(edges) - 1))",
        reason="One row for each layer, and one bin less than edges; the shape goes in as one tuple.",
        mistakes={
            "np.zeros((L, len(edges)))": "One column too many: there is one bin less than there are edges.",
            "np.zeros((len(edges) - 1, L))": "Rows and columns have changed places: layers are rows.",
            "np.zeros(L)": "One zero for each layer. Each layer has a whole row of bins.",
            "np.zeros(len(edges) - 1)": "Room for one layer. All of them are wanted.",
        },
    ),
    Gap(
        id="5-layer",
        task="Fill one layer's row: its density on the shared bins.",
        line="densities[i] = ____",
        given="x edges",
        result="the row has a density for each bin, (bins,)",
        ask="which of the two results of `histogram` goes into the row?",
        hints=(
            "It is part 4's histogram, but `bins` is now the array of edges.",
            "Densities and edges come back together. Take the first of the two.",
        ),
        solution="np.histogram(x, bins=edges, density=True)[0]",
        reason="With the edges given, column j means the same scores in every layer; [0] keeps the densities.",
        mistakes={
            "np.histogram(x, bins=edges, density=True)": "That is the densities and the edges, in a tuple. "
            "The row takes the densities only.",
            "np.histogram(x, bins=edges)[0]": "Those are counts. Ask for the density.",
            "np.histogram(x, bins=len(edges) - 1, density=True)[0]": "As many bins, but from this layer's smallest to "
            "its largest score: columns would not line up between layers.",
        },
    ),
    Gap(
        id="5-mean",
        task="Average the densities over the layers, bin by bin.",
        line="mean = ____",
        given="densities",
        result="there is a mean for each bin, (bins,)",
        ask="which axis did you make go away?",
        hints=(
            "Layers should go away, bins should stay. Which axis are the layers?",
            "The axis that you name is the one summed over. Layers are rows.",
        ),
        solution="densities.mean(axis=0)",
        reason="The named axis is the one that disappears: averaging over axis 0 leaves a value for each bin.",
        mistakes={
            "densities.mean(axis=1)": "That averages over bins, and leaves a number for each layer.",
            "densities.mean()": "That averages over everything. The bins should stay apart.",
            "densities.sum(axis=0)": "That is the sum over layers, not divided by how many they are.",
            "densities[0]": "That is layer 0 alone.",
        },
    ),
    Gap(
        id="5-band",
        task="The band shows how much layers differ: its upper edge is one SD over layers above the mean.",
        line="upper = ____",
        given="densities mean",
        result="the edge of the band has a value for each bin, (bins,)",
        ask="does each bin have a spread of its own?",
        hints=(
            "Each bin has its own spread, over the same axis as its mean.",
            "Add the standard deviation over axis 0 to the mean, with numpy's own default for what it divides by.",
        ),
        solution="mean + densities.std(axis=0)",
        reason="The SD runs over layers, bin by bin, so the band is wide where layers disagree.",
        mistakes={
            "mean + densities.std()": "That adds one number everywhere. The band should be wide where layers differ.",
            "mean + densities.std(axis=0, ddof=1)": "That divides by L − 1. All layers are here, so divide by L.",
            "mean + densities.var(axis=0)": "That adds the variance: the root is missing.",
            "densities.max(axis=0)": "That is the layer that reaches highest, bin by bin.",
            "densities.std(axis=0)": "That is the spread itself. The band's edge lies that far above the mean.",
        },
    ),
    Gap(
        id="5-outside",
        task="What share of the scores lies outside the bins?",
        line="outside = ____",
        given="x edges",
        result="the share is one number from 0 to 1",
        ask="did you count over the whole sample?",
        hints=(
            "Outside means below the first edge or above the last.",
            "Two comparisons, each in brackets, joined by “or”, which is `|` for arrays. Then the mean.",
        ),
        solution="((x < edges[0]) | (x > edges[-1])).mean()",
        reason="A density only knows what fell inside its bins, so the chart has to say how much did not.",
        mistakes={
            "((x < edges[0]) & (x > edges[-1])).mean()": "`&` asks for both at once, and no score is below the first "
            "edge and above the last.",
            "(x > edges[-1]).mean()": "That is one side. Scores fall below the first edge too.",
            "(x < edges[0]).mean()": "That is one side. Scores lie above the last edge too.",
            "((x < edges[0]) | (x > edges[-1])).sum()": "That is how many. A share divides by the number of all.",
            "((x >= edges[0]) & (x <= edges[-1])).mean()": "That is the share inside.",
        },
    ),
)
TOPIC = Topic(WORDS, values, GAPS)
