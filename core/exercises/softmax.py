"""Gaps of part 7: the causal mask, softmax, and what tokens give to themselves and to others."""

from __future__ import annotations

import numpy as np

from core.exercises.gap import Gap, Sizes, Topic, as_tensor, normal
from core.expressions import Tensor, Value
from core.scores import causal_mask, softmax

WORDS = {
    "N": "the mask size",
    "mask": "the binary mask: 1 where a key is hidden, 0 elsewhere, (N, N)",
    "Q_h": "one head's queries, (T, d)",
    "K_h": "the same head's keys, (T, d)",
    "S": "the raw scores of a head, (T, T)",
    "M": "the causal mask: 0, and −∞ above the diagonal, (T, T)",
    "A": "the attention weights of every head, (H, T, T)",
    "H": "heads",
    "T": "tokens",
    "E": "the embedding width",
    "d": "the width of a head",
}


def values(sizes: Sizes, rng: np.random.Generator) -> dict[str, Value]:
    """Small tensors; the weights are those of masked scores."""
    _, heads, tokens, width, mask = sizes
    hidden = causal_mask(tokens)
    scores = rng.normal(0, 1.5, (heads, tokens, tokens)).astype(np.float32)
    return {
        "N": mask,
        "mask": as_tensor(np.triu(np.ones((mask, mask)), 1)),
        "Q_h": normal(rng, tokens, width),
        "K_h": normal(rng, tokens, width),
        "S": scores[0].view(Tensor),
        "M": hidden.view(Tensor),
        "A": as_tensor(softmax(scores + hidden)),
        "H": heads,
        "T": tokens,
        "E": sizes.embedding,
        "d": width,
    }


MASKS = (
    Gap(
        id="7-binary",
        task="The binary mask: 1 where a query must not see a key, because the key comes later; 0 elsewhere.",
        line="mask = ____",
        given="N",
        result="the mask is (N, N)",
        ask="is there a row for each query and a column for each key?",
        hints=(
            "Rows are queries, columns are keys. On which side of the diagonal does a key come later?",
            "`torch.triu` keeps the upper triangle of ones. Its second argument says where it begins: "
            "may a token see itself?",
        ),
        solution="torch.triu(torch.ones(N, N), diagonal=1)",
        reason="In row i the later keys are the columns beyond i: the upper triangle, without the diagonal.",
        mistakes={
            "torch.triu(torch.ones(N, N))": "The diagonal is in it, so no token could see itself; "
            "the first would see nothing.",
            "torch.tril(torch.ones(N, N), diagonal=-1)": "That hides the past and shows the future: "
            "the wrong side of the diagonal.",
            "torch.tril(torch.ones(N, N))": "That is 1 where a key may be seen. Here 1 marks what is hidden.",
        },
    ),
    Gap(
        id="7-infinity",
        task="Make the mask that is added to the scores: −∞ where hidden, 0 elsewhere.",
        line="M = ____",
        given="mask N",
        result="M is (N, N)",
        ask="is every entry of the mask still in its place?",
        hints=(
            "Do not multiply: 0 · ∞ is not 0. Fill instead.",
            "`masked_fill` takes a condition and a value; minus infinity can be had from `float`.",
        ),
        solution='mask.masked_fill(mask == 1, float("-inf"))',
        reason="exp(−∞) is exactly 0, so a hidden key gets no weight at all and the others share everything.",
        mistakes={
            'mask * float("-inf")': "0 · ∞ has no value: where 0 should be there is NaN now.",
            'mask.masked_fill(mask == 0, float("-inf"))': "The wrong side: that hides what should be seen.",
            'mask.masked_fill(mask == 1, float("inf"))': "The sign: +∞ would get all the weight instead of none.",
            "mask.masked_fill(mask == 1, -1e9)": "Large, not infinite. Some models do that, but then a row with "
            "nothing else still gets weights. Take −∞.",
        },
    ),
    Gap(
        id="7-softmax",
        task="Mask the scores, then turn each query's row into weights.",
        line="A = ____",
        given="S M",
        result="the weights are (T, T)",
        ask="did something get summed away?",
        hints=(
            "The mask is added before softmax, so that hidden keys get exp(−∞) = 0.",
            "Each row should sum to 1, so softmax runs over keys: along which axis do they lie?",
        ),
        solution="torch.softmax(S + M, dim=-1)",
        reason="A query shares out a weight of 1 among the keys that it sees, so softmax runs along the keys.",
        mistakes={
            "torch.softmax(S + M, dim=0)": "Now columns sum to 1: queries compete for a key. "
            "Keys should compete for a query.",
            "torch.softmax(S, dim=-1)": "Without the mask every token sees the future.",
            "torch.softmax(S, dim=-1) + M": "Too late: the future had its share before it was hidden. "
            "Add the mask to the scores.",
            "torch.softmax(S + M.T, dim=-1)": "The mask lies on the wrong side: the past is hidden.",
            "torch.softmax(S, dim=-1) * (M == 0)": "Hidden weights are 0 now, but the rows no longer sum to 1.",
        },
    ),
    Gap(
        id="7-rows",
        task="Softmax of the mask alone: write down what comes out, without softmax.",
        line="A = ____",
        given="N",
        result="the weights are (N, N)",
        ask="is there a row for each query and a column for each key?",
        hints=(
            "All visible scores are 0, so they get equal weights. How many keys does row i see?",
            "Row i is 1 / (i + 1) up to the diagonal: a lower triangle of ones, its rows divided by 1, 2, 3 and so on.",
        ),
        solution="torch.tril(torch.ones(N, N)) / torch.arange(1, N + 1)[:, None]",
        reason="Row i sees i + 1 keys with equal scores. [:, None] makes a column, so that each row has one divisor.",
        mistakes={
            "torch.tril(torch.ones(N, N)) / torch.arange(1, N + 1)": "That divides column by column. "
            "Make the divisor a column, and each row gets its own.",
            "torch.tril(torch.ones(N, N)) / N": "Only the last row sees N keys; the first sees one.",
            "torch.tril(torch.ones(N, N))": "The right places. Each row should sum to 1.",
            "torch.ones(N, N) / torch.arange(1, N + 1)[:, None]": "The right divisors, but the future has weights too.",
        },
    ),
    Gap(
        id="7-masked",
        task="The masked scores of one head, from its queries and keys.",
        line="S_masked = ____",
        given="Q_h K_h M d E",
        result="the scores are (T, T)",
        ask="which of the two did you turn?",
        hints=(
            "Three steps: the product of queries and turned keys, the scale, the mask.",
            "The mask is added, after the scale or before it: −∞ stays −∞.",
        ),
        solution="Q_h @ K_h.T / d**0.5 + M",
        reason="Adding 0 changes nothing, adding −∞ leaves −∞: so the mask touches only what it hides.",
        mistakes={
            "Q_h @ K_h.T / d**0.5 * M": "Multiplied, every visible score becomes 0. The mask is added.",
            "Q_h @ K_h.T / d**0.5 - M": "Minus −∞ is +∞: hidden keys would get all the weight.",
            "Q_h @ K_h.T / d**0.5 + M.T": "The mask lies on the wrong side: it hides the past.",
            "Q_h @ K_h.T + M": "Not scaled: divide the product by √d.",
            "Q_h @ K_h.T / E**0.5 + M": "That is √E. One head sums over d dimensions.",
        },
    ),
)
SAMPLES = (
    Gap(
        id="7-final",
        task="What the last token gives to the tokens before it, in every head.",
        line="final_to_previous = ____",
        given="A",
        result="there is a weight for each head and previous token, (H, T − 1)",
        ask="is the last token's weight on itself left out?",
        hints=(
            "Rows are queries: take the last row in every head.",
            "Of that row take all keys but the last, which is the token itself.",
        ),
        solution="A[:, -1, :-1]",
        reason="A row belongs to a query, a column to a key; the last column of the last row is the token itself.",
        mistakes={
            "A[:, -1]": "The last weight of each row is the token's own. Previous tokens end before it.",
            "A[:, :-1, -1]": "That is a column: what earlier tokens give to the last one. The mask made it 0.",
            "A[:, -1, 1:]": "The wrong end is cut: the first token is missing and the last one's own is in.",
            "A[-1, :-1]": "That is the last head. You want the last query, in all heads.",
        },
    ),
    Gap(
        id="7-self",
        task="What each token but the first gives to itself, in every head.",
        line="self_attention = ____",
        given="A T",
        result="there is a weight for each head and token but the first, (H, T − 1)",
        ask="which two axes has the diagonal, and is the first token out?",
        hints=(
            "A token's weight on itself stands where query and key are the same: on the diagonal of the last two axes.",
            "`diagonal` takes the two axes as `dim1` and `dim2`, and puts the tokens last. Cut the first one off.",
        ),
        solution="A.diagonal(dim1=1, dim2=2)[:, 1:]",
        reason="The first token has nothing but itself to look at, so its weight is always 1 and would be an outlier.",
        mistakes={
            "A.diagonal(dim1=1, dim2=2)": "The first token is still in it: its weight is always 1.",
            "A.diagonal(1, 1, 2)": "That is one above the diagonal: the future, where every weight is 0.",
            "A.diagonal(-1, 1, 2)": "That is one below the diagonal: what each token gives to the one before it.",
            "A.diagonal(dim1=1, dim2=2)[:, :-1]": "The wrong end is cut: the last token is missing.",
        },
    ),
    Gap(
        id="7-first",
        task="What the first token gives to itself, in every head.",
        line="first_to_self = ____",
        given="A H",
        result="there is a weight for each head, (H,)",
        ask="one query and one key, in how many heads?",
        hints=(
            "One cell of each head's map: query 0, key 0.",
            "All heads with a colon, then the place of the query, then the place of the key.",
        ),
        solution="A[:, 0, 0]",
        reason="Each is exactly 1: the first token sees nothing but itself, and softmax of one score is 1.",
        mistakes={
            "A[0, 0]": "That is head 0, the whole row of query 0. Heads are the first axis.",
            "A[:, 0]": "That is the whole first row of each head. One key of it is wanted.",
            "A[:, -1, 0]": "That is what the last token gives to the first.",
            "A[:, 0, -1]": "That is what the first token gives to the last, which it cannot see: 0.",
        },
    ),
)
TOPIC = Topic(WORDS, values, MASKS + SAMPLES)
