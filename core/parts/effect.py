"""The effect of an experiment on what the model says: its next tokens and its losses, as it is and changed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from core.attention.intervention import UNCHANGED, Intervention, in_words
from core.model.capture import Capture
from core.model.experiments import Experiments
from core.model.said import Said
from core.model.tokens import isolated
from core.parts.part import Array, Arrays
from core.parts.tables import Columns, Table
from core.progress import Progress, silent
from core.writing import number, percent


class Effect(NamedTuple):
    """What the model says as it is, and changed."""

    intervention: Intervention
    before: Said
    after: Said

    def sentence(self) -> str:
        return f"With {in_words(self.intervention)}: {self.losses()} {self.next_token()}"

    def losses(self) -> str:
        """What becomes of the mean loss, in a sentence."""
        before, after = self.before.loss, self.after.loss
        if np.isnan(before):
            return "a text of one token has no loss."
        if np.array_equal(self.before.losses, self.after.losses):
            return f"the mean loss stays {number(before)} nats a token: nothing has changed."
        change = ("+" if after > before else "") + number(after - before)
        return f"the mean loss goes from {number(before)} to {number(after)} nats a token ({change})."

    def next_token(self) -> str:
        """What becomes of the most probable next token, in a sentence."""
        before, after = (percent(float(said.next_probability[0])) for said in (self.before, self.after))
        old, new = (f"“{isolated(said.next_text[0])}”" for said in (self.before, self.after))
        if self.before.next_ids[0] == self.after.next_ids[0]:
            return f"The most probable next token stays {new}: {after} in place of {before}."
        return f"The most probable next token is {new} ({after}); as it is, {old} ({before})."

    def tables(self, tokens: Sequence[str]) -> tuple[Table, ...]:
        """Of no picture yet: every experiment has these under the name of its own."""
        return (
            Table("-next-tokens", "The next token", partial(_next_tokens, self), drawn=False),
            Table("-losses", "Loss of every token", partial(_losses, self, tokens), drawn=False),
        )

    def export(self) -> Arrays:
        """Of two runs, as it is and changed; the first token, which nothing foresaw, has NaN for a loss."""
        both = (self.before, self.after)
        losses = np.stack([np.append(np.float32(np.nan), said.losses) for said in both])
        return {
            "experiment_losses": Array(losses, ("run", "token")),
            "experiment_next_ids": Array(np.stack([said.next_ids for said in both]), ("run", "guess")),
            "experiment_next_text": Array(np.array([said.next_text for said in both]), ("run", "guess")),
            "experiment_next_probability": Array(np.stack([said.next_probability for said in both]), ("run", "guess")),
        }


def effect(experiments: Experiments, shown: Capture, intervention: Intervention, progress: Progress = silent) -> Effect:
    """Of an intervention on the text of a capture. Raises what `Experiments` raises."""
    before, after = experiments.says(shown, (UNCHANGED, intervention), progress)
    return Effect(intervention, before, after)


def added_losses(
    experiments: Experiments, shown: Capture, interventions: Sequence[Intervention]
) -> tuple[float, Float[ndarray, " intervention"]]:
    """The mean loss of a text as it is, and what each of the interventions adds to it, in nats a token."""
    before, *after = experiments.says(shown, (UNCHANGED, *interventions))
    return before.loss, np.array([said.loss - before.loss for said in after])


def _next_tokens(effect: Effect) -> Columns:
    sides = {"as it is": effect.before, "changed": effect.after}
    return {
        "run": np.array([name for name, said in sides.items() for _ in said.next_ids]),
        "token": np.array([token for said in sides.values() for token in said.next_text]),
        "id": np.concatenate([said.next_ids for said in sides.values()]),
        "probability": np.concatenate([said.next_probability for said in sides.values()]),
    }


def _losses(effect: Effect, tokens: Sequence[str]) -> Columns:
    places = range(1, len(effect.before.losses) + 1)
    return {
        "token": np.array(places),
        "text": np.array([tokens[place] for place in places]),
        "before": effect.before.losses,
        "after": effect.after.losses,
    }
