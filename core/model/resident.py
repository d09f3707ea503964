"""The one model in memory: loaded when somebody first needs it, and used by one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import NamedTuple

from core.model.facts import LoadedModel
from core.model.loading import load
from core.model.store import model_key
from core.progress import Progress, silent


class InMemory(NamedTuple):
    loaded: LoadedModel
    key: str | None
    """The `model_key` of the files that it was loaded from."""


class Resident:
    """Holds a model until another one is asked for: two at once may not fit."""

    def __init__(self) -> None:
        self._held: InMemory | None = None
        self._lock, self._next = Lock(), Lock()  # who waits for the first holds the second: they take turns

    @contextmanager
    def using(self, name: str, progress: Progress = silent) -> Iterator[InMemory]:
        """The model of that name, for the caller alone while the block lasts. Slow; raises ModelUnavailable.

        In the order of asking: who takes it again at once still lets those through who wait. Not from within the block.
        """
        with self._next:
            self._lock.acquire()
        try:
            key = model_key(name)
            if self._held is None or (self._held.loaded.facts.name, self._held.key) != (name, key):
                self._held = None
                loaded = load(name, progress)
                self._held = InMemory(loaded, key or model_key(name))  # one that was not here has been fetched
            yield self._held
        finally:
            self._lock.release()
