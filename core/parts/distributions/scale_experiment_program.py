"""Part 6, the experiment: the same model with another divisor, how wide its attention is, and what it says then."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from core.model.program_with_changes import says, tokenizer, weights_of

DIVISOR = "one"  # or rootwidth for √d, rootembedding for √E, width for d, number
DIVIDED_BY = 4.0  # the number
SCALE_LAYERS = "all"  # or one
LAYER = 0  # the one

change: dict[str, Any] = {"divide": {"one": 1.0, "number": DIVIDED_BY}.get(DIVISOR, DIVISOR)}
if SCALE_LAYERS == "one":
    change["layers"] = [LAYER]
before, after = says([]), says([change])


def entropy(layer: SimpleNamespace) -> float:
    """The mean over heads and queries of −Σ A ln A / ln n, n the keys that the query sees: 0 one key, 1 all alike."""
    A = weights_of(layer).numpy()  # (H, T, T)
    rows = -(A * np.log(A, where=A > 0, out=np.zeros_like(A))).sum(axis=-1)  # (H, T); 0 ln 0 counts as 0
    seen = layer.visible.numpy().sum(axis=-1)
    if (seen > 1).any():  # a query that sees a single key has no choice
        return (rows[:, seen > 1] / np.log(seen[seen > 1])).mean()
    return np.nan


entropy_before, entropy_after = (np.array([entropy(layer) for layer in run.layers]) for run in (before, after))

for name, run, wide in (("as it is", before, entropy_before), ("changed", after, entropy_after)):
    words = ", ".join(repr(tokenizer.decode(token)) for token in run.next_ids)
    print(f"{name}: mean loss {run.loss:.3f} nats a token; next {words}; mean entropy {wide.mean():.1%}")
np.savez(
    "part6b.npz",
    entropy_before=entropy_before,
    entropy_after=entropy_after,
    before_losses=before.losses,
    after_losses=after.losses,
    before_next_ids=before.next_ids,
    after_next_ids=after.next_ids,
    before_next_probability=before.next_probability,
    after_next_probability=after.next_probability,
)
