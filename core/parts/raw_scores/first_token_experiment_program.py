"""Part 4, the experiment: the same model with no look at the first token or at it alone, and what it says then."""

from typing import Any

import numpy as np

from core.model.program_with_changes import says, tokenizer

FIRST_LOOK = "nofirst"  # or onlyfirst
FIRST_LAYERS = "all"  # or one
LAYER = 0  # the one

change: dict[str, Any] = {"mask": FIRST_LOOK}
if FIRST_LAYERS == "one":
    change["layers"] = [LAYER]
before, after = says([]), says([change])

for name, run in (("as it is", before), ("changed", after)):
    words = ", ".join(repr(tokenizer.decode(token)) for token in run.next_ids)
    print(f"{name}: mean loss {run.loss:.3f} nats a token; next {words}")
np.savez(
    "part4d.npz",
    before_losses=before.losses,
    after_losses=after.losses,
    before_next_ids=before.next_ids,
    after_next_ids=after.next_ids,
    before_next_probability=before.next_probability,
    after_next_probability=after.next_probability,
)
