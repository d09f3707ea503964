"""What keeps a picture in step with the state: computes, draws and marks anew as little as a change asks for."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from types import SimpleNamespace
from typing import Any, ClassVar

from core.model.capture import Capture
from core.progress import Progress, silent
from widgets.session import Session

MOMENT = 0.1
"""Seconds that making ready may take so that it is done ahead of need: whoever comes meanwhile waits for it."""


class Follower:
    """Draws when it is in view and a setting that it depends on has changed: stale pictures are never computed."""

    computed_from: ClassVar[tuple[str, ...]] = ()
    """Traits of the state that the numbers depend on."""
    drawn_from: ClassVar[tuple[str, ...]] = ()
    """Those that only the picture depends on."""
    marked_from: ClassVar[tuple[str, ...]] = ()
    """Those that only move a mark on it."""
    needs_capture: ClassVar[bool] = True
    slow: ClassVar[bool] = False
    """The numbers take longer than a moment: they are computed in a thread."""

    def __init__(self, session: Session):
        self.session = session
        self.state = session.state
        self.listeners: list[Callable[[], None]] = []
        """Called when it has drawn something new, has said why there is nothing to draw, or has come into view."""
        self._visible = False
        self._asked: tuple[Any, tuple] | None = None  # computed, or being computed
        self._prepared: tuple[Any, tuple, Any] | None = None  # what may be asked next, and its result
        self._took = 0.0  # seconds, the last computation
        self._result: Any = None
        self._drawn: SimpleNamespace | None = None  # the settings of the picture of `_result`
        self._marked: SimpleNamespace | None = None

    def follow(self) -> None:
        """End the making: from now on every change is followed."""
        self.state.observe(self.refresh, self.follows)
        if self.needs_capture:
            self.session.source.observe(self.refresh, "shown")

    @property
    def follows(self) -> list[str]:
        """The traits that change anything here."""
        return [*self.computed_from, *self.drawn_from, *self.marked_from]

    def compute(self, capture: Capture, settings: Any, progress: Progress) -> Any:
        """The numbers. Touches no widget: a slow part's runs in a thread of its own.

        `progress` is told how far it is, 0 to 1, and raises when the result is no longer wanted.
        """
        raise NotImplementedError

    def draw(self, result: Any, settings: Any) -> None:
        """Give the numbers to the charts."""
        raise NotImplementedError

    def sketch(self, result: Any, settings: Any) -> None:
        """Make pictures of a result that `draw` may soon be given, where that takes long."""

    def mark(self, settings: Any) -> None:
        """Move what stands on the charts by `marked_from`, such as the selected layer; also called after `draw`."""

    def redraw(self, settings: Any) -> None:
        """Draw the result with settings other than those of the last picture."""
        raise NotImplementedError

    def fail(self, error: Exception) -> None:
        """Say that there is nothing to show."""
        raise NotImplementedError

    def tell(self) -> None:
        """Tell those who listen."""
        for listener in self.listeners:
            listener()

    def shows_what(self, other: Follower) -> bool:
        """Whether another one shows the same numbers: the same settings of the same capture."""
        mine, its = self._asked, other._asked
        return mine is not None and its is not None and mine[0] is its[0] and mine[1] == its[1]

    def show_busy(self, busy: bool) -> None:
        """Show whether a slow computation goes on."""

    def show_progress(self, fraction: float) -> None:
        """Show how far it is, 0 to 1."""

    @property
    def capture(self) -> Capture:
        """The capture that the result on show comes from, for words that `draw` adds: tokens, the model's name."""
        assert self._asked is not None
        return self._asked[0]

    @property
    def result(self) -> Any:
        """What is on show; None while it is computed, and where there is nothing to show."""
        return self._result

    @property
    def visible(self) -> bool:
        """Whether the part is on screen: the page says so."""
        return self._visible

    @visible.setter
    def visible(self, visible: bool) -> None:
        came = visible and not self._visible
        self._visible = visible
        self.refresh()
        if came:
            self.tell()

    def source(self) -> Any:
        """What the numbers are computed from, a new object whenever it is another one; None: nothing yet.

        Of a slow panel it may raise NoValues: there is nothing to show, for the reason that it says.
        """
        return self.session.capture if self.needs_capture else None

    def refresh(self, _: Any = None) -> None:
        """Draw what the state says, if that is not what is drawn. Never raises."""
        if not self._visible:
            return
        try:
            self._ask()
        except Exception as error:
            self.fail(error)

    def prepare(self, **coming: Any) -> None:
        """Compute ahead what these settings will ask for, if somebody looks and it takes a moment only."""
        if not self._is_prepared or not coming.keys() <= set(self.computed_from):
            return
        capture, start = self.source(), time.perf_counter()
        settings = self._settings(self.computed_from, **coming)
        with suppress(Exception):  # it will be said when it is asked for
            result = self._compute(capture, settings)
            self._prepared = (capture, tuple(vars(settings).values()), result)
            self.sketch(result, self._settings((*self.computed_from, *self.drawn_from), **coming))
        self._took = time.perf_counter() - start

    @property
    def preparation(self) -> float:
        """Seconds that `prepare` takes, judged by the last time; 0 where it does nothing."""
        return self._took if self._is_prepared else 0.0

    @property
    def _is_prepared(self) -> bool:
        return self._visible and not self.slow and self._took <= MOMENT and self.source() is not None

    def _compute(self, capture: Any, settings: Any) -> Any:
        start = time.perf_counter()
        result = self.compute(capture, settings, silent)
        self._took = time.perf_counter() - start
        return result

    def _ask(self) -> None:
        capture: Any = self.source()
        if self.needs_capture and capture is None:
            return
        settings = self._settings(self.computed_from)
        asked = (capture, tuple(vars(settings).values()))
        # A capture is compared by identity: it holds arrays, and equal ones are not worth finding.
        if self.is_asked(capture, settings):
            self._paint()
            return
        self._asked, self._drawn, self._result = asked, None, None
        if not self.slow:
            ready, self._prepared = self._prepared, None
            fits = ready is not None and ready[0] is capture and ready[1] == asked[1]
            self._take(ready[2] if ready and fits else self._compute(capture, settings), None)
            return
        self.show_busy(True)
        self.session.worker.submit(self, partial(self.compute, capture, settings), self._take, self.show_progress)

    def is_asked(self, source: Any, settings: Any) -> bool:
        """Whether these are what is computed now, or was last."""
        return self._asked is not None and self._asked[0] is source and self._asked[1] == tuple(vars(settings).values())

    def show_part(self, result: Any) -> None:
        """Show what there is so far of a result that is being computed."""
        self._result, self._drawn = result, None
        self._paint()

    def _take(self, result: Any, error: Exception | None) -> None:
        self.show_busy(False)
        try:
            if error is not None:
                raise error
            self._result = result
            self._paint()
        except Exception as failure:
            self.fail(failure)

    def _paint(self) -> None:
        if self._result is None:
            return
        settings = self._settings((*self.computed_from, *self.drawn_from))
        marks = self._settings(self.marked_from)
        anew = self._drawn != settings
        if anew:
            self._drawn, self._marked = settings, None
            self.redraw(settings)
        if self._marked != marks:
            self._marked = marks
            self.mark(marks)
        if anew:
            self.tell()

    def _settings(self, names: Sequence[str], **others: Any) -> SimpleNamespace:
        return SimpleNamespace(**{name: others.get(name, getattr(self.state, name)) for name in names})
