"""Gaps of part 4: raw scores in one layer, within and across heads, and their distributions."""

from __future__ import annotations

import numpy as np

from core.exercises.gap import Gap, Sizes, Topic, normal
from core.expressions import Value

WORDS = {
    "Q": "the queries of the layer by head, (H, T, d)",
    "K": "the keys of the layer by head, (H, T, d)",
    "Q_h": "one head's queries, (T, d)",
    "K_h": "the same head's keys, (T, d)",
    "scores": "scores of the last token for each query head, each key head and each previous key, (H, H, T − 2)",
    "x": "a sample of scores, (n,)",
    "counts": "how many scores fell into each bin, (bins,)",
    "edges": "where the bins begin and end, (bins + 1,)",
    "E": "the embedding width",
    "H": "heads",
    "d": "the width of a head",
}


def values(sizes: Sizes, rng: np.random.Generator) -> dict[str, Value]:
    """Small tensors, and a sample of scores as numpy arrays."""
    _, heads, tokens, width, _ = sizes
    query, key = normal(rng, heads, tokens, width), normal(rng, heads, tokens, width)
    sample = rng.normal(-1, 2, 10 * tokens)
    edges = np.cumsum(np.linspace(0.5, 1.2, sizes.mask + 3)) - 4
    return {
        "Q": query,
        "K": key,
        "Q_h": query[0],
        "K_h": key[0],
        "scores": normal(rng, heads, heads, tokens - 2),
        "x": sample,
        "counts": np.histogram(sample, edges)[0],
        "edges": edges,
        "E": sizes.embedding,
        "H": heads,
        "d": width,
    }


SCORES = (
    Gap(
        id="4-last",
        task="In one head, score the last token's query on the previous keys, without the first, and scale.",
        line="scores = ____",
        given="Q_h K_h d E",
        result="there is a score for each previous token but the first, (T − 2,)",
        ask="is the first key out, and the last token's own?",
        hints=(
            "The last query is one row of Q_h. Which rows of K_h lie between the first and the last?",
            "A slice may leave out one row at each end. Turn those keys, multiply, and divide by the root of d.",
        ),
        solution="Q_h[-1] @ K_h[1:-1].T / d**0.5",
        reason="The first token's scores are outliers, and the last token's own key is not a previous one: "
        "both would hide what you want to see.",
        mistakes={
            "Q_h[-1] @ K_h[:-1].T / d**0.5": "The first token is still in it. Its scores are outliers: leave it out.",
            "Q_h[-1] @ K_h[1:].T / d**0.5": "The last token's own key is still in it. Previous keys end before it.",
            "Q_h[-1] @ K_h[1:-1].T / E**0.5": "That is √E. The sum runs over one head's d dimensions: √d.",
            "Q_h[-1] @ K_h[1:-1].T": "The right keys, not scaled: divide by √d.",
            "K_h[-1] @ Q_h[1:-1].T / d**0.5": "That is the last key on earlier queries. The last token asks.",
        },
    ),
    Gap(
        id="4-queries",
        task="Score every head's query on every head's keys at once: which queries go in?",
        line='scores = torch.einsum("qd,kjd->qkj", ____, K[:, 1:-1]) / d**0.5',
        given="Q K",
        result="there is one query in each head, (H, d)",
        ask="of which token, and in how many heads?",
        hints=(
            "The letters say it: the first operand is “qd”, a query head and a dimension. The token is settled.",
            "All heads, and of the token axis only the last place.",
        ),
        solution="Q[:, -1]",
        reason="Only the last token asks here, once in each head: its place is an index, and the token axis is gone.",
        mistakes={
            "Q[-1]": "That is the last head with all its tokens. You want the last token in all heads.",
            "Q[:, 0]": "That is the first token. It has no previous tokens to look at.",
            "Q[:, :, -1]": "That is the last dimension of every query. Tokens are the middle axis.",
            "Q[:, -1:]": "The right queries, but a slice keeps the axis: an index would drop it.",
        },
    ),
    Gap(
        id="4-within",
        task="Sort out the scores within heads: query and key of the same head, one row for each head.",
        line="within = ____",
        given="scores H",
        result="there is a row for each head, (H, T − 2)",
        ask="do query head and key head run together?",
        hints=(
            "You want scores[0, 0], scores[1, 1] and so on: the diagonal of the first two axes.",
            "An index array counting the heads, given for both axes, walks along that diagonal.",
        ),
        solution="scores[torch.arange(H), torch.arange(H)]",
        reason="Two equal index arrays are read in pairs: (0, 0), (1, 1) … So query and key are of one head.",
        mistakes={
            "scores[0]": "That is head 0's query on the keys of every head: most of it is across heads.",
            "scores[:, 0]": "Those are all heads' queries on head 0's keys.",
            "scores.diagonal()": "The right scores, turned: `diagonal` puts the new axis last. Heads should be rows.",
            "scores.mean(dim=1)": "That averages over key heads. None should be mixed in.",
        },
    ),
    Gap(
        id="4-across",
        task="And the control group: query and key of different heads, one row for each pair.",
        line="across = ____",
        given="scores H",
        result="there is a row for each pair of different heads, (H · (H − 1), T − 2)",
        ask="how many pairs of different heads are there?",
        hints=(
            "A mask of True and False over the first two axes chooses pairs.",
            "A unit matrix is 1 where the heads are the same. Ask where it is not.",
        ),
        solution="scores[torch.eye(H) == 0]",
        reason="The unit matrix marks equal heads. The other pairs mean nothing to the model, which is why they show "
        "what scores look like by chance.",
        mistakes={
            "scores[torch.eye(H) == 1]": "Those are the pairs of the same head: the wrong side of the mask.",
            "scores.flatten(0, 1)": "Those are all pairs, the same-head ones among them.",
            "scores[torch.triu(torch.ones(H, H), 1) == 1]": "Half of them: head 0's query on head 1's keys is not "
            "the same as the other way round.",
            "scores[torch.tril(torch.ones(H, H), -1) == 1]": "Half of them: both orders of a pair count.",
        },
    ),
)
DISTRIBUTIONS = (
    Gap(
        id="4-width",
        task="Freedman and Diaconis: a bin is twice the interquartile range wide, over the cube root of n.",
        line="width = ____ / len(x)**(1 / 3)",
        given="x",
        result="the bin width is one number",
        ask="did you take quartiles of the whole sample?",
        hints=(
            "The interquartile range reaches from the point a quarter of x lies below to the one three quarters do.",
            "numpy's `percentile` gives both points. Take the difference, twice. The line does the rest.",
        ),
        solution="2 * (np.percentile(x, 75) - np.percentile(x, 25))",
        reason="Quartiles ignore outliers, so a few extreme scores do not make every bin wide.",
        mistakes={
            "np.percentile(x, 75) - np.percentile(x, 25)": "That is the interquartile range. The rule takes it twice.",
            "2 * x.std()": "The standard deviation follows outliers; the rule takes the range of the middle half.",
            "2 * (x.max() - x.min())": "That is the full range, set by two extreme scores. The middle half counts.",
            "2 * (np.percentile(x, 0.75) - np.percentile(x, 0.25))": "`percentile` counts to 100: "
            "0.75 is less than one percent. `quantile` counts to 1.",
        },
    ),
    Gap(
        id="4-bins",
        task="Let numpy do it: densities and edges by the Freedman–Diaconis rule.",
        line="density, edges = ____",
        given="x",
        result="densities come first, then edges",
        ask="does one call give both?",
        hints=(
            "numpy's `histogram` gives both at once and knows the rule by its two initials.",
            "`bins` takes the initials as text. A second switch makes densities of counts.",
        ),
        solution='np.histogram(x, bins="fd", density=True)',
        reason="Each sample gets bins that suit it, and densities can be compared although the samples differ in size.",
        mistakes={
            'np.histogram(x, bins="fd")': "Those are counts. The larger sample would tower over the smaller: "
            "ask for the density.",
            "np.histogram(x, density=True)": "Those are numpy's ten bins. Name the rule.",
            'np.histogram(x, bins="fd", density=True)[0]': "That keeps the densities only. The line unpacks both.",
        },
    ),
    Gap(
        id="4-centres",
        task="Lines stand at bin centres. Where are they?",
        line="centres = ____",
        given="edges",
        result="there is a centre for each bin, (bins,)",
        ask="which pairs of edges belong together?",
        hints=(
            "A centre lies half-way between an edge and the next.",
            "All edges but the last, and all but the first: two slices of one length. Average them.",
        ),
        solution="(edges[:-1] + edges[1:]) / 2",
        reason="The two slices line up each left edge with its right one; n + 1 edges make n bins.",
        mistakes={
            "edges[:-1]": "Those are the left edges: the line would stand half a bin too far left.",
            "edges[1:]": "Those are the right edges: the line would stand half a bin too far right.",
            "edges[:-1] + edges[1:]": "Half of that: an average divides by two.",
            "np.diff(edges)": "Those are the widths of the bins.",
        },
    ),
    Gap(
        id="4-density",
        task="Make densities of counts by hand, so that the area under them is 1.",
        line="density = ____",
        given="counts edges",
        result="there is a density for each bin, (bins,)",
        ask="does each bin have its own count and its own width?",
        hints=(
            "Area is height times width. A bin's area should be its share of the scores.",
            "So divide each count by the number of scores, and by the width of its bin.",
        ),
        solution="counts / (counts.sum() * np.diff(edges))",
        reason="Height times width is then a bin's share, and shares add up to 1 whatever the bins are.",
        mistakes={
            "counts / counts.sum()": "Those are shares: they add up to 1, but the area does not. "
            "The width of the bins is missing.",
            "counts / np.diff(edges)": "The area is now the number of scores. Divide by it too.",
            "counts / counts.max()": "Now the highest bin is 1. It is the area that should be 1.",
            "counts / counts.sum() * np.diff(edges)": "Without brackets the last sign multiplies by the width: "
            "divide by it.",
        },
    ),
    Gap(
        id="4-share",
        task="What share of the scores is above zero?",
        line="share = ____",
        given="x",
        result="the share is one number from 0 to 1",
        ask="did you count over the whole sample?",
        hints=(
            "A comparison gives True or False for each score, and True counts as 1.",
            "The mean of ones and zeros is the share of ones.",
        ),
        solution="(x > 0).mean()",
        reason="True counts as 1 and False as 0, so their mean is the share of True.",
        mistakes={
            "(x > 0).sum()": "That is how many. A share divides by how many there are in all.",
            "x[x > 0].mean()": "That is the mean of the scores above zero, not how many they are.",
            "(x < 0).mean()": "That is the share below zero.",
            "x > 0": "A True or False for each score. What is the share of True?",
        },
    ),
)
TOPIC = Topic(WORDS, values, SCORES + DISTRIBUTIONS)
