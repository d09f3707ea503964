"""Progress as a fraction: the libraries' own progress bars, turned into calls of a function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tqdm import tqdm

Progress = Callable[[float], None]
"""Is told the fraction done, from 0 to 1, on the thread that does the work."""


def silent(fraction: float) -> None:
    """The progress of work that nobody watches."""


def rising(progress: Progress) -> Progress:
    """Passes on only what is more than before: a download reports by several bars."""
    most = -1.0

    def report(fraction: float) -> None:
        nonlocal most
        if fraction > most:
            most = fraction
            progress(fraction)

    return report


def portion(progress: Progress, start: float, end: float) -> Progress:
    """The progress of a step that takes the bar from `start` to `end`."""
    return lambda fraction: progress(start + (end - start) * fraction)


def silent_bar(progress: Progress) -> type[tqdm]:
    """A tqdm class that prints nothing and reports the fraction done."""
    from tqdm import tqdm

    class SilentBar(tqdm):  # type: ignore[misc]  # tqdm has no types
        def __init__(self, *arguments: Any, **options: Any):
            super().__init__(*arguments, **(options | {"disable": True}))

        def __iter__(self) -> Iterator[Any]:
            for item in self.iterable:
                yield item
                self.update()

        def update(self, n: float | None = 1) -> None:
            self.n += n or 0
            if self.total:
                progress(min(self.n / self.total, 1.0))

    return SilentBar
