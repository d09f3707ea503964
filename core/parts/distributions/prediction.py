"""What part 6 asks before it is seen: the largest softmax weight."""

from __future__ import annotations

from typing import Any

from core.attention.scores import score_blocks, softmax
from core.exercises.prediction import Prediction
from core.exercises.question import Number
from core.model.capture import Capture
from core.writing import number


def largest_weight(capture: Capture, settings: Any) -> Number:
    """Part 6: the largest softmax weight of the layer."""
    blocks = score_blocks(capture.call(settings.layer), masked=settings.causal)
    truth = max(float(softmax(block.scores, out=block.scores).max()) for block in blocks)
    masked = "with the mask" if settings.causal else "without a mask"
    alone = settings.causal and capture.call(settings.layer).visible[0].sum() == 1
    return Number(
        f"{capture.tokens} tokens share each row of softmax, {masked}: equal weights would be "
        f"{number(1 / capture.tokens)}. How large will the largest weight in layer {settings.layer} be, over all "
        "heads and tokens?",
        low=0,
        high=1,
        step=0.01,
        truth=truth,
        why="With the mask token 0 sees itself alone and gives itself everything."
        if alone
        else "Softmax takes powers of e, so a score that is higher by 5 gets 148 times the weight.",
    )


PREDICTION = Prediction(("layer", "causal"), largest_weight)
