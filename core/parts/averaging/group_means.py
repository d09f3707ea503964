"""Part 9, the arithmetic behind it: the mean of a list against the mean of two group means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from core.parts.tables import Table
from core.writing import number


class GroupMeans(NamedTuple):
    """The mean of 1 … n against the mean of the means of two groups."""

    numbers: Int[ndarray, " number"]
    cut: int
    """The first group is `numbers[:cut]`, the second `numbers[cut:]`."""
    overall: float
    first: float
    second: float
    of_means: float
    """(first + second) / 2: as `overall` only for groups of one size."""
    difference: float
    """`overall` − `of_means`."""

    def sentence(self) -> str:
        count, cut = len(self.numbers), self.cut
        verdict = "they agree" if self.difference == 0 else f"they differ by {number(abs(self.difference))}"
        return (
            f"The mean of 1 … {count} is {number(self.overall)}; the mean of the means of the first {cut} "
            f"({number(self.first)}) and the other {count - cut} ({number(self.second)}) is "
            f"{number(self.of_means)}: {verdict}."
        )

    def tables(self, tokens: Sequence[str]) -> tuple[Table, ...]:
        cut, count = self.cut, len(self.numbers)
        names = ("first", "second", "of_means", "overall", "difference")
        columns = {
            "mean": np.array(names, np.str_),
            "from": np.array([1, cut + 1, 1, 1, 1]),
            "to": np.array([cut, count, count, count, count]),
            "value": np.array([getattr(self, name) for name in names]),
        }
        return (Table("part9b", "Means", lambda: columns),)


def group_means(count: int = 4, cut: int = 2) -> GroupMeans:
    """Means of 1 … `count`, cut after `cut` numbers (1 … `count` − 1)."""
    numbers = np.arange(1, count + 1)
    overall, first, second = (float(part.mean()) for part in (numbers, numbers[:cut], numbers[cut:]))
    of_means = (first + second) / 2
    return GroupMeans(numbers, cut, overall, first, second, of_means, overall - of_means)
