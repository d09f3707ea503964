"""What is to be found in part 8."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from core.attention.scores import attention_samples
from core.exercises.task import Judged, Task
from core.model.capture import Capture
from core.model.experiments import Experiments
from core.parts.softmax_by_layer.patching import pair_of, patching
from core.parts.softmax_by_layer.two_texts import STAGES, two_texts
from core.writing import number, percent


class MostSelfAttention(Task):
    id = "8-self"
    words = (
        "Find the layer and the head in which tokens give most to themselves, on average and without the first: "
        "the layer here, the head in part 7."
    )
    follows = ("layer", "head")
    impossible = "The text is too short: it takes two tokens."

    def survey(self, capture: Capture, _: Experiments) -> Float[ndarray, "layer head"] | None:
        """The mean weight of a token on itself."""
        if capture.tokens < 2:
            return None
        layers = [attention_samples(capture.call(layer)) for layer in range(capture.layers)]
        return np.stack([one.self_attention.mean(axis=1) for one in layers])

    def judge(self, capture: Capture, settings: Any, survey: Float[ndarray, "layer head"] | None) -> Judged:
        if survey is None:
            return Judged(False, "")
        here = survey[settings.layer, settings.head]
        stands = f"Layer {settings.layer}, head {settings.head}: {percent(float(here))} on average."
        return Judged(bool(here == survey.max()), stands)

    def reach(self, capture: Capture, survey: Float[ndarray, "layer head"] | None) -> dict[str, Any] | None:
        if survey is None:
            return None
        layer, head = (int(at) for at in np.unravel_index(survey.argmax(), survey.shape))
        return dict(layer=layer, head=head)


def without_first_word(text: str) -> str:
    """A text from its second word on; empty where it has none."""
    return "".join(text.split(maxsplit=1)[1:])


def is_without_first_word(capture: Capture, settings: Any) -> bool:
    """Whether text A is the text on show from its second word on."""
    return without_first_word(capture.text).rstrip() == settings.other_text.rstrip()


NOT_SO = "Text A is not the text on show without its first word and the space after it."


class OneWordLess(Task):
    id = "8-shifted"
    words = (
        "Take the text on show as text A, and delete its first word and the space after it: now every token stands "
        "earlier than its partner. Find the layer in which the weights of partners differ most."
    )
    follows = ("layer", "other_text")
    impossible = "The text has one word only: run a longer text."
    runs_model = True

    def survey(self, capture: Capture, experiments: Experiments) -> Float[ndarray, " layer"] | None:
        """How far the weights differ; None where no word is left."""
        other = without_first_word(capture.text)
        if not other:
            return None
        both = two_texts(experiments.of_text(capture, other), experiments.of_text(capture, capture.text))
        return both.difference[STAGES.index("softmax")]

    def judge(self, capture: Capture, settings: Any, survey: Float[ndarray, " layer"] | None) -> Judged:
        if survey is None or not is_without_first_word(capture, settings):
            return Judged(False, NOT_SO)
        differs = survey[settings.layer]
        return Judged(
            bool(differs == survey.max()), f"Layer {settings.layer}: the weights differ by {percent(differs)}."
        )

    def reach(self, capture: Capture, survey: Float[ndarray, " layer"] | None) -> dict[str, Any] | None:
        if survey is None or not survey.max() > 0:
            return None
        return dict(other_text=without_first_word(capture.text), layer=int(survey.argmax()))


class PatchedLayer(Task):
    id = "8-patched"
    words = (
        "Keep text A so, without the first word. Give B the scores of A in one layer alone (“The chosen layer”), and "
        "find the layer that moves B most towards A."
    )
    follows = ("layer", "other_text", "patched")
    runs_model = True

    def survey(self, capture: Capture, experiments: Experiments) -> Float[ndarray, " layer"] | None:
        """How far each layer's scores move B towards A, in logit difference; None where no word is left."""
        other = without_first_word(capture.text)
        if not other:
            return None
        pair = pair_of(experiments.of_text(capture, other), experiments.of_text(capture, capture.text))
        return patching(experiments, pair, pair.patched_in(), 0).towards_a

    def judge(self, capture: Capture, settings: Any, survey: Float[ndarray, " layer"] | None) -> Judged:
        if survey is None or not is_without_first_word(capture, settings):
            return Judged(False, NOT_SO)
        if settings.patched != "layer":
            return Judged(False, "The scores of A are not in the chosen layer alone.")
        moved = survey[settings.layer]
        stands = f"Layer {settings.layer} moves B by {number(abs(moved))} {'towards' if moved > 0 else 'away from'} A."
        return Judged(bool(moved == survey.max()), stands)

    def reach(self, capture: Capture, survey: Float[ndarray, " layer"] | None) -> dict[str, Any] | None:
        if survey is None or not survey.max() > 0:
            return None
        return dict(other_text=without_first_word(capture.text), patched="layer", layer=int(survey.argmax()))


TASKS = (MostSelfAttention(), OneWordLess(), PatchedLayer())
