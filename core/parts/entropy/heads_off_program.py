"""Part 10, the experiment: the same model with some heads switched off, and what it says then."""

import re

import numpy as np

from core.model.program_with_changes import says, tokenizer

HEADS_OFF = ""  # "3.5_7.1": layer 3, head 5, and layer 7, head 1
OFF_WEIGHTS = "zero"  # or textmean: the mean weights of the text

heads = [map(int, one.split(".")) for one in HEADS_OFF.split("_") if re.fullmatch(r"\d+\.\d+", one)]
before = says([])
after = says([{"weights": OFF_WEIGHTS, "layers": [layer], "heads": [head]} for layer, head in heads])

for name, run in (("as it is", before), ("changed", after)):
    words = ", ".join(repr(tokenizer.decode(token)) for token in run.next_ids)
    print(f"{name}: mean loss {run.loss:.3f} nats a token; next {words}")
np.savez(
    "part10b.npz",
    before_losses=before.losses,
    after_losses=after.losses,
    before_next_ids=before.next_ids,
    after_next_ids=after.next_ids,
    before_next_probability=before.next_probability,
    after_next_probability=after.next_probability,
)
