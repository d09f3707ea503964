"""Part 7, the experiment: the same model with another mask, and what it says then."""

import numpy as np

from core.model.program_with_changes import says, tokenizer

MASK_KIND = "none"  # or window, nofirst, onlyfirst
WINDOW = 4  # tokens that the window leaves, the query itself counted
MASK_LAYERS = "all"  # or one
LAYER = 0  # the one

change = {"mask": MASK_KIND, "window": WINDOW}
if MASK_LAYERS == "one":
    change["layers"] = [LAYER]
before, after = says([]), says([change])

for name, run in (("as it is", before), ("changed", after)):
    words = ", ".join(repr(tokenizer.decode(token)) for token in run.next_ids)
    print(f"{name}: mean loss {run.loss:.3f} nats a token; next {words}")
np.savez(
    "part7d.npz",
    before_losses=before.losses,
    after_losses=after.losses,
    before_next_ids=before.next_ids,
    after_next_ids=after.next_ids,
    before_next_probability=before.next_probability,
    after_next_probability=after.next_probability,
)
