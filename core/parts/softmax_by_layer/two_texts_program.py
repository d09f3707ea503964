"""Part 8: how far apart the text, B, and another text, A, are in each layer and at each stage, on what they share."""

from difflib import SequenceMatcher
from types import SimpleNamespace

import numpy as np

from core.model.program_with_changes import LONGEST, says, scores_of, token_ids, tokenizer, weights_of

OTHER_TEXT = "Purple is a color similar in appearance to green light."

other_ids = tokenizer(OTHER_TEXT)["input_ids"][:LONGEST]
blocks = SequenceMatcher(None, other_ids, token_ids, autojunk=False).get_matching_blocks()
pairs = [(a + step, b + step) for a, b, size in blocks for step in range(size)]
of_a, of_b = np.array(pairs, int).reshape(-1, 2).T  # positions of partners


def stages(layer: SimpleNamespace, partners: np.ndarray) -> tuple[np.ndarray, ...]:
    """Of n partners the queries (H, n, d), the raw scores and the weights (H, n, n), and which keys are seen (n, n)."""
    rows, columns = np.ix_(partners, partners)
    scores, weights = (one.numpy()[:, rows, columns] for one in (scores_of(layer), weights_of(layer)))
    return layer.query.numpy()[:, partners], scores, weights, layer.visible.numpy()[rows, columns]


def relative(a: np.ndarray, b: np.ndarray, axis: tuple[int, ...] | None = None) -> np.ndarray:
    """Σ|a − b| as a share of ½ Σ(|a| + |b|); 0 where both are."""
    apart, size = np.abs(a - b).sum(axis), (np.abs(a) + np.abs(b)).sum(axis) / 2
    return apart / np.where(size > 0, size, 1)


a, b = says([], other_ids).layers, says([]).layers
stage_names = ("query", "raw", "masked", "softmax")
difference, of_token = np.full((len(stage_names), len(b)), np.nan), np.full((len(b), len(pairs)), np.nan)
for layer in range(len(b) if pairs else 0):
    query_a, scores_a, weights_a, seen_a = stages(a[layer], of_a)
    query_b, scores_b, weights_b, seen_b = stages(b[layer], of_b)
    seen = seen_a & seen_b
    difference[:, layer] = [
        relative(query_a, query_b),
        relative(scores_a, scores_b),
        relative(scores_a[:, seen], scores_b[:, seen]),
        relative(weights_a[:, seen], weights_b[:, seen]),
    ]
    of_token[layer] = relative(query_a, query_b, axis=(0, 2))

print(f"{len(pairs)} of {len(token_ids)} tokens of the text have a partner in the other text")
for name, of_layer in zip(stage_names, difference, strict=True):
    print(f"{name}: " + " ".join(f"{one:.4f}" for one in of_layer))
np.savez("part8b.npz", of_a=of_a, of_b=of_b, difference=difference, of_token=of_token)
