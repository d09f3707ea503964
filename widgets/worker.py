"""Slow work off the kernel's main loop."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import Callable
from typing import Any

from core.progress import Progress
from widgets.kernel.batch import batch

Work = Callable[[Progress], Any]
Done = Callable[[Any, Exception | None], None]


class Superseded(Exception):
    """The work is no longer wanted: its owner has asked for something newer."""


class Worker:
    """One thread that works through what its owners ask for, the newest request of each.

    `work(report)` runs in the thread and tells how far it is, 0 to 1; `report` raises Superseded when the owner
    has asked for something newer. `progress(fraction)` and, at the end, `done(result, error)` are called on the
    loop that asked, for the newest request only. Without a running loop (a script, most tests) the work is done
    at once, in place.
    """

    def __init__(self, name: str):
        self.name = name
        self._newest: dict[object, object] = {}
        self._waiting: dict[object, Callable[[], None]] = {}
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None

    def submit(self, owner: object, work: Work, done: Done, progress: Progress) -> None:
        """Ask for work on the owner's behalf, in place of what the owner asked for before."""
        ticket = self._newest[owner] = object()
        call = _caller()

        def report(fraction: float) -> None:
            if self._newest.get(owner) is not ticket:
                raise Superseded
            call(if_wanted, progress, fraction)

        def if_wanted(callback: Callable[..., None], *values: Any) -> None:
            if self._newest.get(owner) is ticket:
                with batch():
                    callback(*values)

        def run() -> None:
            try:
                result = work(report)
            except Exception as error:
                call(if_wanted, done, None, error)
            else:
                call(if_wanted, done, result, None)

        if call is _at_once:
            run()
            return
        with self._wake:
            self._waiting[owner] = run
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name=self.name, daemon=True)
                self._thread.start()
            self._wake.notify()

    def drop(self, owner: object) -> None:
        """Forget what the owner asked for."""
        self._newest.pop(owner, None)
        with self._wake:
            self._waiting.pop(owner, None)

    def _serve(self) -> None:
        while True:
            with self._wake:
                while not self._waiting:
                    self._wake.wait()
                run = self._waiting.pop(next(iter(self._waiting)))
            run()


def _caller() -> Callable[..., None]:
    """A function that calls another one on the loop that runs now, from any thread; at once if none runs."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return _at_once
    context = contextvars.copy_context()  # the kernel keeps the parent of its messages there

    def call(function: Callable[..., None], *values: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to be told
            loop.call_soon_threadsafe(function, *values, context=context)

    return call


def _at_once(function: Callable[..., None], *values: Any) -> None:
    function(*values)
