"""What is to be found in part 7: a head whose tokens look back by one, and a layer that needs the first token."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Bool
from numpy import ndarray

from core.attention.intervention import Change
from core.attention.scores import score_blocks
from core.exercises.task import Judged, Task
from core.model.capture import Capture
from core.model.experiments import Experiments
from core.parts.costliest import CostliestLayer
from core.writing import percent


class PreviousToken(Task):
    id = "7-previous"
    words = (
        "Find a head in which most tokens look at the token before them, and click a cell that shows it: a query "
        "on the key just before."
    )
    follows = ("layer", "head", "query", "key")
    impossible = "No head of this model does that with this text: run another text, or choose another model."

    def survey(self, capture: Capture, _: Experiments) -> Bool[ndarray, "layer head token"]:
        """Whether a token gives most to the one before; the first never does."""
        found = np.zeros((capture.layers, capture.heads, capture.tokens), bool)
        for layer in range(capture.layers):
            for block in score_blocks(capture.call(layer), masked=True):
                first, favourite = block.first_query, block.scores.argmax(axis=-1)  # softmax keeps the order
                tokens = np.arange(first, first + favourite.shape[1])
                found[layer, block.heads, tokens[0] : tokens[-1] + 1] = favourite == tokens - 1
        return found

    def judge(self, capture: Capture, settings: Any, survey: Bool[ndarray, "layer head token"]) -> Judged:
        here = survey[settings.layer, settings.head]
        share = float(here[1:].mean()) if capture.tokens > 1 else 0.0
        stands = f"Layer {settings.layer}, head {settings.head}: {percent(share)} of the tokens do."
        if share <= 0.5:
            return Judged(False, stands)
        clicked = settings.key == settings.query - 1 and bool(here[settings.query])
        return Judged(clicked, stands if clicked else f"{stands} Now click a bright cell just left of the diagonal.")

    def reach(self, capture: Capture, survey: Bool[ndarray, "layer head token"]) -> dict[str, Any] | None:
        share = survey[:, :, 1:].sum(axis=-1) / max(1, capture.tokens - 1)
        if not share.max() > 0.5:
            return None
        layer, head = (int(at) for at in np.unravel_index(share.argmax(), share.shape))
        query = int(survey[layer, head].argmax())
        return dict(layer=layer, head=head, query=query, key=query - 1)


class FirstTokenMatters(CostliestLayer):
    id = "7-needed"
    words = (
        "Hide token 0 from one layer alone: in the experiment with the mask, choose “Without token 0” in “The chosen "
        "layer”. Find the layer in which this costs the model most."
    )
    follows = ("layer", "mask_kind", "mask_layers")
    change = Change(mask="nofirst")
    made_by = (("mask_kind", "nofirst"), ("mask_layers", "one"))


TASKS = (PreviousToken(), FirstTokenMatters())
