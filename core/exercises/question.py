"""What a learner may be asked to predict: a number, or one of several options."""

from __future__ import annotations

from dataclasses import dataclass

from core.writing import number, percent


@dataclass(frozen=True)
class Number:
    """A number between two ends is to be predicted, in steps."""

    words: str
    low: float
    high: float
    step: float
    truth: float
    why: str
    """One sentence or two, told with the truth."""
    percent: bool = False
    """A share from 0 to 1, written in percent."""
    along: tuple[float, float] | None = None
    """The ends of the chart's x axis, where the number is the height of a point at the right end, to be dragged."""

    def place(self, answer: float) -> float:
        """Where an answer lies on the chart."""
        return answer

    def told(self, answer: float) -> str:
        """The prediction, the truth and the distance in words."""
        apart = abs(answer - self.truth)
        written = percent if self.percent else number
        distance = f"{number(100 * apart)} points" if self.percent else number(apart)
        said = f"You said {written(answer)}, and it is {written(self.truth)}"
        if apart <= self.step / 2:
            return f"{said}: as close as the steps allow. {self.why}"
        return f"{said}: {distance} too {'high' if answer > self.truth else 'low'}. {self.why}"


@dataclass(frozen=True)
class Choice:
    """One of several options is to be predicted; an answer is its place in the list, from 0."""

    words: str
    options: tuple[str, ...]
    truth: int
    why: str
    places: tuple[float, ...]
    """Where each option lies on the chart: a bar's place, a line's slope."""
    measured: tuple[str, ...] = ()
    """What each option turned out to have, in words."""

    def place(self, answer: float) -> float:
        """Where an answer lies on the chart."""
        return self.places[int(answer)]

    def told(self, answer: float) -> str:
        """The prediction, the truth and the distance in words."""
        if answer == self.truth:
            return f"You said {self._said(self.truth)}, and so it is. {self.why}"
        return f"You said {self._said(int(answer))}, and it is {self._said(self.truth)}. {self.why}"

    def _said(self, place: int) -> str:
        return f"{self.options[place]} ({self.measured[place]})" if self.measured else self.options[place]


Question = Number | Choice
