"""The kernel's side of the menus: it names the files, makes the tables and programs, and packs everything."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import anywidget
from traitlets import List, Unicode

from core.export.files import settings_as_json, settings_of, table_as_csv, zipped
from core.export.programs import PROGRAMS
from core.parts.tables import Table
from core.progress import silent
from widgets.compare.comparison import Comparison
from widgets.downloads.files import Refused, program_of, stem
from widgets.panel.panel import Panel
from widgets.scripts import script
from widgets.session import Session
from widgets.worker import Worker

HERE = Path(__file__).parent
SCRIPTS = ("picture", "shapes", "menu", "everything", "print", "downloads")
NAME = "attention-scores-lab"
FAILED = "That did not work. Change a setting, or reload the page, and try again."
CHANGED = "The text or a setting was changed meanwhile: try again."
GONE = "This chart is being drawn anew: try again in a moment."

Question = dict[str, Any]


class Answer(NamedTuple):
    """What a menu is told, and what works out the bytes that go with it, off the main loop."""

    words: dict[str, Any]
    data: Callable[[], bytes] | None = None


class Downloads(anywidget.AnyWidget):
    """One model, a view in each part, in each twin and difference of one, and one at the foot of the page.

    A part here is any of the first three. A view asks `{"do": …, "id": …}` and hears an answer with the same id,
    `problem` a sentence if there is none:

    - `list` a `part`: `files`, each with its `name`, `title`, `picture`, and whether it is `drawn`.
    - `picture` a `part`, `at` its place in the list: `name`, and which `chart` of the part it is.
    - `table` a `part`, `at`: `name`, and the table as CSV.
    - `code` a `part`: `name`, `code`, and `words` on how to run it.
    - `begin`, `draw` a `part` until `ready`, `keep` a picture's bytes under a `name`, `zip` these `parts`, `end`.
    """

    _esm = script(*(HERE / f"{name}.js" for name in SCRIPTS))

    parts = List(Unicode()).tag(sync=True)
    """Names of the parts that have something to take; their twins and differences have it, too."""

    def __init__(self, session: Session, panels: Sequence[Panel], comparison: Comparison):
        super().__init__(parts=list(PROGRAMS))
        self._session, self._panels, self._comparison = session, panels, comparison
        self._worker = Worker("downloads")
        self._kept: dict[str, bytes] = {}
        self._begun: tuple[Any, ...] = ()
        self._answers: dict[str, Callable[[Question, Sequence[Any]], Answer]] = {
            "list": self._list,
            "picture": self._picture,
            "table": self._table,
            "code": self._code,
            "begin": self._begin,
            "draw": self._draw,
            "keep": self._keep,
            "zip": self._zip,
            "end": self._end,
        }
        self.on_msg(self._on_question)

    def _on_question(self, _: Any, question: Question, buffers: Sequence[Any]) -> None:
        try:
            words, data = self._answers[question["do"]](question, buffers)
        except Exception as error:
            self._reply(question, {}, None, error)
            return
        if data is None:
            self._reply(question, words, None, None)
            return
        ticket = question["id"]
        self._worker.submit(ticket, lambda _: data(), partial(self._reply, question, words), silent)

    def _reply(self, question: Question, words: dict[str, Any], data: bytes | None, error: Exception | None) -> None:
        ticket = question.get("id")
        self._worker.drop(ticket)
        if error is not None:
            if not isinstance(error, Refused):
                logging.getLogger(__name__).error("%s", question, exc_info=error)
            words = {"problem": str(error) if isinstance(error, Refused) else FAILED}
        self.send({"id": ticket, **words}, None if data is None else [data])

    def _panel(self, question: Question) -> Panel:
        panels = (*self._panels, *self._comparison.panels)
        panel = next((panel for panel in panels if panel.name == question["part"]), None)
        if panel is None:
            raise Refused(GONE)
        return panel

    def _tables(self, panel: Panel) -> tuple[Table, ...]:
        """None where nothing is on show."""
        if panel.result is None:
            return ()
        return panel.tables(panel.result, panel.capture.token_text if panel.needs_capture else ())

    def _listed(self, panel: Panel) -> dict[str, Any]:
        return {
            "files": [
                {"name": stem(panel, table.name), "title": table.title, "picture": table.picture, "drawn": table.drawn}
                for table in self._tables(panel)
            ]
        }

    def _list(self, question: Question, _: Any) -> Answer:
        return Answer(self._listed(self._panel(question)))

    def _picture(self, question: Question, _: Any) -> Answer:
        table, name = self._file(question)
        drawn = [one.name for one in self._tables(self._panel(question)) if one.drawn]
        return Answer({"name": name, "chart": drawn.index(table.name)})

    def _table(self, question: Question, _: Any) -> Answer:
        table, name = self._file(question)
        return Answer({"name": f"{name}.csv"}, lambda: table_as_csv(table.columns()))

    def _file(self, question: Question) -> tuple[Table, str]:
        """The table that is meant, and its file's name, which tells of the layer that it is of now."""
        panel = self._panel(question)
        tables = self._tables(panel)
        if question["at"] >= len(tables):
            raise Refused(GONE)
        table = tables[question["at"]]
        return table, stem(panel, table.name)

    def _code(self, question: Question, _: Any) -> Answer:
        return Answer(program_of(self._panel(question))._asdict())

    @property
    def _capture(self) -> Any:
        capture = self._session.capture
        assert capture is not None
        return capture

    @property
    def _settings(self) -> dict[str, Any]:
        """Everything that the charts depend on, beside the capture."""
        names = sorted({name for panel in self._panels for name in panel.follows})
        return {name: getattr(self._session.state, name) for name in names}

    def _begin(self, _: Question, __: Any) -> Answer:
        self._kept, self._begun = {}, (self._capture, self._settings)
        return Answer({})

    def _draw(self, question: Question, _: Any) -> Answer:
        panel = self._panel(question)
        if not panel.visible:
            panel.visible = True
        return Answer({"ready": not panel.busy, **self._listed(panel)})

    def _keep(self, question: Question, buffers: Sequence[Any]) -> Answer:
        self._kept[question["name"]] = bytes(buffers[0])
        return Answer({})

    def _zip(self, question: Question, _: Any) -> Answer:
        """The page asks for it last. What was changed meanwhile would make files that do not go together."""
        if self._begun != (self._capture, self._settings):
            raise Refused(CHANGED)
        panels = [panel for panel in self._panels if panel.name in question["parts"]]
        tables = [table for panel in panels for table in self._tables(panel)]
        state = self._session.state
        settings = settings_of(self._capture, state.layer, state.mask_size) | {"view": self._settings}
        files = self._kept | {f"{PROGRAMS[panel.name]}.py": program_of(panel).code.encode() for panel in panels}
        files["settings.json"] = settings_as_json(settings)

        def pack() -> bytes:
            return zipped(NAME, files | {f"{table.name}.csv": table_as_csv(table.columns()) for table in tables})

        return Answer({"name": f"{NAME}.zip"}, pack)

    def _end(self, _: Question, __: Any) -> Answer:
        """Let go of the pictures, and of the parts that are not on the screen."""
        self._kept = {}
        for panel in self._panels:
            panel.visible = panel.name in self._comparison.on_screen
        return Answer({})
