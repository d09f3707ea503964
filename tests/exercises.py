"""All exercises by their ids, and the settings that they are judged by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from core.attention.intervention import UNCHANGED, Intervention, in_words, written
from core.exercises import checking
from core.exercises.gap import Gap
from core.exercises.judge import Verdict
from core.exercises.prediction import Prediction
from core.exercises.question import Question
from core.model.capture import Capture
from core.model.experiments import Experiments, Losses, unheard
from core.model.said import Said
from core.parts import PARTS
from core.progress import Progress, silent

EXERCISES = {part.number: part.exercises for part in PARTS}
TOPICS = {number: of.topic for number, of in EXERCISES.items() if of.topic}
GAPS = {gap.id: gap for of in EXERCISES.values() for gap in of.gaps}
PREDICTIONS = {name: prediction for of in EXERCISES.values() for name, prediction in of.predictions.items()}
PREDICTION_IDS = {name: one for of in EXERCISES.values() for name, one in of.prediction_ids.items()}
TASKS = {task.id: task for of in EXERCISES.values() for task in of.tasks}
DEFAULTS = dict.fromkeys(("layer", "head", "query", "key"), 0) | {
    setting.name: setting.default for part in PARTS for setting in part.settings
}
EXPERIMENTS = Experiments()
"""With the model that ships, for the text that ships."""


class Invented(Experiments):
    """A model of no weights: what it says is random, the same for the same change, and worse with one.

    Its queries and keys stay what they are, whatever is changed; of changes a run knows divisions alone.
    """

    def __init__(self) -> None:
        super().__init__()
        self.made: dict[tuple[bytes, str], Capture] = {}

    def says(
        self, shown: Capture, interventions: Sequence[Intervention], progress: Progress = silent
    ) -> tuple[Said, ...]:
        return tuple(self._of(shown, one) for one in interventions)

    def of_text(self, shown: Capture, text: str, progress: Progress = silent) -> Capture:
        """One token is another one, and all activations are invented; the same for the same text."""
        if text == shown.text:
            return shown
        key = (shown.token_ids.tobytes(), text)
        if key not in self.made:
            self.made[key] = self._made(shown, text)
        return self.made[key]

    def losses(
        self,
        shown: Capture,
        interventions: Sequence[Intervention],
        take: Callable[[int, Losses], None] = unheard,
        progress: Progress = silent,
    ) -> list[Losses]:
        found = [said.losses for said in self.says(shown, interventions)]
        for place, losses in enumerate(found):
            take(place, losses)
        return found

    def run(
        self, shown: Capture, intervention: Intervention = UNCHANGED, progress: Progress = silent
    ) -> Capture:
        scale = np.full(shown.layers, shown.head_width**-0.5)
        for change in intervention:
            if change.divide is None:
                continue
            layers = range(shown.layers) if change.layers is None else change.layers
            scale[list(layers)] = change.scale(shown.heads, shown.head_width)
        return replace(shown, scale=scale, intervention=intervention)

    @staticmethod
    def _made(shown: Capture, text: str) -> Capture:
        generator = np.random.default_rng(list(text.encode()))
        query, key = generator.normal(0, 1, (2, *shown.query.shape)).astype(np.float32)
        token_ids = np.where(np.arange(shown.tokens) == 1, shown.token_ids + 1, shown.token_ids)
        return replace(shown, text=text, token_ids=token_ids, query=query, key=key)

    @staticmethod
    def _of(shown: Capture, intervention: Intervention) -> Said:
        given = any(change.scores is not None for change in intervention)
        word = in_words(intervention) if given else written(intervention)  # given scores are in no link
        generator = np.random.default_rng([*shown.token_ids.tolist(), *word.encode()])
        probability = np.sort(generator.dirichlet(np.ones(9)).astype(np.float32))[::-1]
        losses = generator.exponential(3.0 if word else 1.0, shown.tokens - 1).astype(np.float32)
        return Said(np.arange(5), tuple("abcde"), probability[:5], losses, probability)


def ask(
    prediction: Prediction, capture: Capture, settings: SimpleNamespace, experiments: Experiments = EXPERIMENTS
) -> Question:
    """Its question, asked of the model where it has to be."""
    return prediction.ask(capture, settings, *([experiments] if prediction.runs_model else []))


def check(gap: Gap, answer: str) -> Verdict:
    """Judge an answer to a gap."""
    return checking.check(TOPICS[gap.part], gap, answer)


def settings(**chosen: Any) -> SimpleNamespace:
    """These settings, and all others at their defaults."""
    assert chosen.keys() <= DEFAULTS.keys()
    return SimpleNamespace(**(DEFAULTS | chosen))


def changed(before: SimpleNamespace, **chosen: Any) -> SimpleNamespace:
    """The same settings but for these."""
    return settings(**(vars(before) | chosen))
