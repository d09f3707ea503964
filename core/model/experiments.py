"""Asks a model what would have happened: the text of a capture, run again with something otherwise."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock

from jaxtyping import Float32
from numpy import ndarray

from core.attention.intervention import UNCHANGED, BadIntervention, Intervention
from core.model.capture import Capture, NoText, capture
from core.model.catalogue import ModelUnavailable
from core.model.resident import Resident
from core.model.said import Said
from core.progress import Progress, portion, silent

MOST = 64
"""Answers that are remembered; one on gpt2 is 0.2 MB, the probabilities of its tokens."""
MOST_OTHERS = 2
"""Captures of other texts that are remembered; one of 150 tokens on gpt2 is 17 MB."""
MOST_TEXTS = 8
"""Texts whose losses are remembered; the ranking of 144 heads on 1024 tokens is 0.6 MB."""
Losses = Float32[ndarray, " later"]
REFUSED = (ModelUnavailable, NoText, BadIntervention)
"""Why there is no answer; the message is a sentence for the page."""


def unheard(place: int, losses: Losses) -> None:
    """For losses that nobody waits for one by one."""


class Experiments:
    """Runs what it is asked, and each question once. Its methods are slow and load the model where it is not there.

    All raise one of REFUSED, and whatever `progress` raises.
    """

    def __init__(self, resident: Resident | None = None):
        self.resident = resident or Resident()
        self._remembering = Lock()  # several threads ask
        self._said: OrderedDict[tuple[object, ...], Said] = OrderedDict()
        self._others: OrderedDict[tuple[str, str, str], Capture] = OrderedDict()
        self._losses: OrderedDict[tuple[object, ...], dict[Intervention, Losses]] = OrderedDict()

    def says(
        self, shown: Capture, interventions: Sequence[Intervention], progress: Progress = silent
    ) -> tuple[Said, ...]:
        """What the model of a capture says of its text with each of the interventions; `()` is the model as it is."""
        keys = self._keys(shown, interventions)
        with self._remembering:
            answers = {place: self._said[key] for place, key in enumerate(keys) if key in self._said}
        missing = [place for place in range(len(interventions)) if place not in answers]

        def take(place: int, said: Said) -> None:
            answers[missing[place]] = said
            progress(len(answers) / len(interventions))

        self.each(shown, [interventions[place] for place in missing], take, progress)
        with self._remembering:
            for place, key in enumerate(keys):
                self._said[key] = answers[place]
                self._said.move_to_end(key)
            while len(self._said) > MOST:
                self._said.popitem(last=False)
        return tuple(answers[place] for place in range(len(interventions)))

    def each(
        self,
        shown: Capture,
        interventions: Sequence[Intervention],
        take: Callable[[int, Said], None],
        progress: Progress = silent,
    ) -> None:
        """Hand over what the model says with each as it comes, (place, said), and remember none; ends if it raises.

        Between batches the model is let go, so that a long run keeps nobody from another text.
        """
        if not interventions:
            return
        from core.model.effects import batches, says  # imports torch

        for places in batches(shown.model, shown.tokens, interventions):
            some = [interventions[place] for place in places]
            with self.resident.using(shown.model.name, portion(progress, 0.0, 0.5)) as held:
                for place, said in says(held.loaded, shown.token_ids, some):
                    take(places[place], said)

    def losses(
        self,
        shown: Capture,
        interventions: Sequence[Intervention],
        take: Callable[[int, Losses], None] = unheard,
        progress: Progress = silent,
    ) -> list[Losses]:
        """The loss of every token of the text but the first with each of the interventions, in nats.

        Each is handed over as it comes, (place, losses), and remembered: who asks again after it was stopped goes on.
        Between batches the model is let go, as in `each`.
        """
        from core.model.effects import batches, says  # imports torch

        known = self._losses_of(shown)
        for places in batches(shown.model, shown.tokens, interventions):
            if any(interventions[place] not in known for place in places):
                with self.resident.using(shown.model.name, portion(progress, 0.0, 0.5)) as held:
                    some = [interventions[place] for place in places if interventions[place] not in known]
                    known.update((some[at], said.losses) for at, said in says(held.loaded, shown.token_ids, some))
            for place in places:
                take(place, known[interventions[place]])
        return [known[intervention] for intervention in interventions]

    def run(self, shown: Capture, intervention: Intervention = UNCHANGED, progress: Progress = silent) -> Capture:
        """The same text with an intervention."""
        with self.resident.using(shown.model.name, progress) as held:
            return capture(held.loaded, shown.text, intervention)

    def of_text(self, shown: Capture, text: str, progress: Progress = silent) -> Capture:
        """What the model of a capture makes of a text, as it is; the newest that are not on show are remembered."""
        if text == shown.text and not shown.intervention:
            return shown
        key = (shown.model.name, shown.model.revision, text)
        with self._remembering:
            made = self._others.get(key)
        if made is None:
            with self.resident.using(shown.model.name, progress) as held:
                made = capture(held.loaded, text)
        with self._remembering:
            self._others[key] = made
            self._others.move_to_end(key)
            while len(self._others) > MOST_OTHERS:
                self._others.popitem(last=False)
        return made

    def _losses_of(self, shown: Capture) -> dict[Intervention, Losses]:
        """What is known of a text, which is forgotten when many others have been asked about."""
        key = (shown.model.name, shown.model.revision, shown.token_ids.tobytes())
        with self._remembering:
            known = self._losses.setdefault(key, {})
            self._losses.move_to_end(key)
            while len(self._losses) > MOST_TEXTS:
                self._losses.popitem(last=False)
        return known

    @staticmethod
    def _keys(shown: Capture, interventions: Sequence[Intervention]) -> list[tuple[object, ...]]:
        model = shown.model
        return [(model.name, model.revision, shown.token_ids.tobytes(), one) for one in interventions]
