"""Part 9, the experiment: the same model with all heads of a layer given their average attention."""

import numpy as np

from core.model.program_with_changes import says, tokenizer

AVERAGE_LAYERS = "all"  # or one
LAYER = 0  # the one

places = {"layers": [LAYER]} if AVERAGE_LAYERS == "one" else {}
before, after = says([]), says([{"weights": "headmean", **places}])

for name, run in (("as it is", before), ("averaged", after)):
    words = ", ".join(repr(tokenizer.decode(token)) for token in run.next_ids)
    print(f"{name}: mean loss {run.loss:.3f} nats a token; next {words}")
np.savez(
    "part9d.npz",
    before_losses=before.losses,
    after_losses=after.losses,
    before_next_ids=before.next_ids,
    after_next_ids=after.next_ids,
    before_next_probability=before.next_probability,
    after_next_probability=after.next_probability,
)
