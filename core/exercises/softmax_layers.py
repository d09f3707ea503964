"""Gaps of part 8: the other way to mask, and part 7's three samples over all layers."""

from __future__ import annotations

import numpy as np

from core.exercises.gap import Gap, Sizes, Topic, as_tensor
from core.expressions import Tensor, Value
from core.scores import causal_mask, softmax

WORDS = {
    "S": "the raw scores of a head, (T, T)",
    "final": "densities of what the last token gives to previous ones, (L, bins)",
    "own": "densities of what the other tokens give to themselves, (L, bins)",
    "first": "densities of what the first token gives to itself, (L, bins)",
    "densities": "the three together, by layer and sample, (L, 3, bins)",
    "weights": "the attention weights of every layer and head, (L, H, T, T)",
    "edges": "where the bins begin and end, from 0 to 1, (bins + 1,)",
    "L": "layers",
    "H": "heads",
    "T": "tokens",
}


def values(sizes: Sizes, rng: np.random.Generator) -> dict[str, Value]:
    """Masked weights of all layers, and densities as numpy arrays."""
    layers, heads, tokens, _, mask = sizes
    edges = np.linspace(0, 1, 2 * mask + 1)
    final, own, first = rng.random((3, layers, len(edges) - 1))
    scores = rng.normal(0, 1.5, (layers, heads, tokens, tokens)).astype(np.float32)
    return {
        "S": scores[0, 0].view(Tensor),
        "final": final,
        "own": own,
        "first": first,
        "densities": np.stack([final, own, first], axis=1),
        "weights": as_tensor(softmax(scores + causal_mask(tokens))),
        "edges": edges,
        "L": layers,
        "H": heads,
        "T": tokens,
    }


GAPS = (
    Gap(
        id="8-mask",
        task="Mask the other way: start from the triangle of what may be seen, and fill where it is 0.",
        line="S_masked = ____",
        given="S T",
        result="the masked scores are (T, T)",
        ask="is every score still in its place?",
        hints=(
            "`torch.tril` of ones marks what may be seen. What is hidden has 0 there.",
            "`masked_fill` the scores with minus infinity where the triangle `== 0`.",
        ),
        solution='S.masked_fill(torch.tril(torch.ones(T, T)) == 0, float("-inf"))',
        reason="It is the same as adding M; nothing is added to the visible scores, so they stay exactly as they are.",
        mistakes={
            'S.masked_fill(torch.tril(torch.ones(T, T)) == 1, float("-inf"))': "The wrong side: that hides the past "
            "and the token itself.",
            "torch.tril(S)": "Hidden scores are 0 now, and exp(0) is 1: softmax would give them weight.",
            'S.masked_fill(torch.tril(torch.ones(T, T), -1) == 0, float("-inf"))': "The diagonal is hidden too. "
            "The first token then sees nothing, and its row becomes NaN.",
        },
    ),
    Gap(
        id="8-stack",
        task="Put the three densities of every layer into one array: layer, sample, bin.",
        line="densities = ____",
        given="final own first",
        result="the array is (L, 3, bins)",
        ask="where does the new axis of three stand?",
        hints=(
            "Three arrays of one shape, side by side along a new axis.",
            "numpy's `stack` takes a list and the place of the new axis. Layers stay in front.",
        ),
        solution="np.stack([final, own, first], axis=1)",
        reason="`stack` makes a new axis where you say; `concatenate` would make an old one longer.",
        mistakes={
            "np.stack([final, own, first])": "The new axis stands in front, (3, L, bins). Layers come first.",
            "np.concatenate([final, own, first], axis=1)": "That makes the bins three times as many. "
            "A new axis is wanted.",
            "np.stack([own, final, first], axis=1)": "The order: final to previous comes first.",
            "np.stack([final, own, first], axis=2)": "The new axis stands last, (L, bins, 3).",
        },
    ),
    Gap(
        id="8-map",
        task="The samples are final, self, first, in this order. Take the heat map of the second for all layers.",
        line="ax.imshow(____)",
        given="densities",
        result="the map has a row for each layer and a column for each bin, (L, bins)",
        ask="which axis are the samples?",
        hints=(
            "All layers, one sample, all bins.",
            "A colon keeps the layers. Samples are numbered from 0.",
        ),
        solution="densities[:, 1]",
        reason="A colon keeps an axis, a number takes one place along it; axes not named are kept.",
        mistakes={
            "densities[1]": "That is layer 1 with all its samples. Samples are the middle axis.",
            "densities[:, :, 1]": "That is the second bin.",
            "densities[:, 2]": "That is the third sample: they are numbered from 0.",
            "densities[:, 0]": "That is the first sample: they are numbered from 0.",
        },
    ),
    Gap(
        id="8-mean",
        task="For each layer, the mean weight that the last token gives to a previous one, over heads and tokens.",
        line="means = ____",
        given="weights L",
        result="there is a mean for each layer, (L,)",
        ask="which axes are left after the slice, and which should go?",
        hints=(
            "First the slice: the last query, all keys but its own. It leaves layer, head, token.",
            "Then the mean over the two axes that are not layers.",
        ),
        solution="weights[:, :, -1, :-1].mean(dim=(1, 2))",
        reason="Each row sums to 1, so what these T − 1 weights lack of 1 is what the last token keeps for itself.",
        mistakes={
            "weights[:, :, -1].mean(dim=(1, 2))": "The token's own weight is in it. Then each row sums to 1, and the "
            "mean is 1/T whatever the model does.",
            "weights[:, :, -1, :-1].mean()": "One number for all layers. Each should keep its own.",
            "weights[:, :, :-1, -1].mean(dim=(1, 2))": "That is a column: what earlier tokens give to the last. "
            "The mask made it 0.",
            "weights[:, :, -1, :-1].mean(dim=1)": "Averaged over heads only. Tokens go away too.",
        },
    ),
    Gap(
        id="8-height",
        task="All weights of the first token on itself are 1, so all fall into the last bin. "
        "What density does it show?",
        line="height = ____",
        given="edges H",
        result="the height is one number",
        ask="how wide is the one bin that holds everything?",
        hints=(
            "The area over all bins is 1, and all of it stands over one bin.",
            "Height times width is 1. The width is the distance of two neighbouring edges.",
        ),
        solution="1 / (edges[1] - edges[0])",
        reason="A density is no share: over a narrow bin it can be far above 1, as long as the area is 1.",
        mistakes={
            "1": "That is the share of the values in the bin. A density is the share over the width.",
            "H": "That is how many values there are, one for each head.",
            "edges[1] - edges[0]": "That is how wide the bin is. Height times width is 1.",
            "1 / len(edges)": "Think of the width: there is one bin less than edges, and the area is 1.",
        },
    ),
)
TOPIC = Topic(WORDS, values, GAPS)
