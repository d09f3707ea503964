"""Part 8, patching: the text, B, run with raw scores of another text, A, between tokens that both have."""

from difflib import SequenceMatcher
from types import SimpleNamespace

import numpy as np
import torch

from core.model.program_with_changes import LONGEST, says, scores_of, token_ids, tokenizer

OTHER_TEXT = "Purple is a color similar in appearance to green light."
PATCHED = "all"  # or layer, head
LAYER = 0
HEAD = 0

other_ids = tokenizer(OTHER_TEXT)["input_ids"][:LONGEST]
blocks = SequenceMatcher(None, other_ids, token_ids, autojunk=False).get_matching_blocks()
pairs = [(a + step, b + step) for a, b, size in blocks for step in range(size)]
of_a, of_b = np.array(pairs, int).reshape(-1, 2).T  # positions of partners

other = says([], other_ids)
H, T = len(other.layers[0].query), len(token_ids)
scores = torch.full((len(other.layers), H, T, T), torch.nan)  # where NaN, B keeps its own
for layer, given in zip(other.layers, scores, strict=True):
    given[:, of_b[:, None], of_b] = scores_of(layer)[:, of_a[:, None], of_a]


def patched(**places: list[int]) -> SimpleNamespace:
    """What the model says of B with the scores of A in these layers and heads; all where there is no list."""
    return says([{"scores": scores, **places}])


places = {"all": {}, "layer": {"layers": [LAYER]}, "head": {"layers": [LAYER], "heads": [HEAD]}}
before, after = says([]), patched(**places[PATCHED])


def favourite(run: SimpleNamespace, over: SimpleNamespace) -> int:
    """The one of a run's next tokens that it favours most over another run."""
    return run.next_ids[(run.next_probability - over.logits[-1].softmax(dim=-1)[run.next_ids].numpy()).argmax()]


first, second = favourite(other, before), favourite(before, other)


def logit_difference(run: SimpleNamespace) -> float:
    """How much higher the logit is of the token that A favours than of the one that B favours."""
    return (run.logits[-1, first] - run.logits[-1, second]).item()


by_layer = [logit_difference(patched(layers=[layer])) for layer in range(len(other.layers))]
by_head = [logit_difference(patched(layers=[LAYER], heads=[head])) for head in range(H)]

for name, run in (("A", other), ("B", before), ("B with scores of A", after)):
    words = ", ".join(repr(tokenizer.decode(token)) for token in run.next_ids)
    print(f"{name}: mean loss {run.loss:.3f} nats a token; next {words}; logit difference {logit_difference(run):.3f}")
np.savez(
    "part8c.npz",
    of_a=logit_difference(other),
    of_b=logit_difference(before),
    by_layer=by_layer,
    by_head=by_head,
    before_losses=before.losses,
    after_losses=after.losses,
    before_next_ids=before.next_ids,
    after_next_ids=after.next_ids,
    before_next_probability=before.next_probability,
    after_next_probability=after.next_probability,
)
