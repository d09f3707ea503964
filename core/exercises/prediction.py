"""What a prediction is: one question, asked before charts are seen, with its truth from the capture.

    question = part.exercises.predictions["raw_scores"].ask(capture, settings)
    question.told(-1.5)  # "You said −1.5, and it is −1.23: 0.27 too low. …"
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.exercises.question import Question


class NothingToPredict(Exception):
    """This text or model leaves nothing to predict; the message says why."""


@dataclass(frozen=True)
class Prediction:
    """What is asked of one part's charts, or of one section's."""

    follows: tuple[str, ...]
    """The settings that the truth depends on."""
    ask: Callable[..., Question]
    """Takes a capture, and the settings as attributes by their names. Raises NothingToPredict."""
    needs: Mapping[str, Any] = field(default_factory=dict)
    """Settings that are made before it is asked."""
    runs_model: bool = False
    """Whether the truth is asked of the model: `ask` takes Experiments too, and raises what they raise."""
