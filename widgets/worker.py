"""Slow work off the kernel's main loop."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from typing import Any

Superseded = Callable[[], bool]
Work = Callable[[Superseded], Any]
Done = Callable[[Any, Exception | None], None]


class Worker:
    """One thread that works through what its owners ask for, the newest request of each.

    `work(superseded)` runs in the thread; it may ask `superseded()` now and then, and stop early when its
    owner has asked for something newer. `done(result, error)` is called on the loop that asked, and only for
    the newest request. Without a running loop (a script, most tests) the work is done at once, in place.
    """

    def __init__(self, name: str):
        self.name = name
        self._waiting: dict[object, tuple[Work, Superseded, Done]] = {}
        self._newest: dict[object, object] = {}
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None

    def submit(self, owner: object, work: Work, done: Done) -> None:
        """Ask for work on the owner's behalf, in place of what the owner asked for before."""
        ticket = object()
        self._newest[owner] = ticket

        def superseded() -> bool:
            return self._newest[owner] is not ticket

        def deliver(result: Any, error: Exception | None) -> None:
            if not superseded():
                done(result, error)

        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            deliver(*_attempt(work, superseded))
            return
        context = contextvars.copy_context()  # the kernel keeps the parent of its messages there

        def finish(result: Any, error: Exception | None) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(deliver, result, error, context=context)

        with self._wake:
            self._waiting[owner] = (work, superseded, finish)
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name=self.name, daemon=True)
                self._thread.start()
            self._wake.notify()

    def _serve(self) -> None:
        while True:
            with self._wake:
                while not self._waiting:
                    self._wake.wait()
                owner = next(iter(self._waiting))
                work, superseded, finish = self._waiting.pop(owner)
            finish(*_attempt(work, superseded))


def _attempt(work: Work, superseded: Superseded) -> tuple[Any, Exception | None]:
    try:
        return work(superseded), None
    except Exception as error:
        return None, error
