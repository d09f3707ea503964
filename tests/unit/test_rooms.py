"""The order of the rooms: what lies lower knows nothing of what lies higher, and no import goes in a circle.

Every import counts, also those within a function and those for types only. `from core.model import hub` counts as an
import of `core.model.hub`; that Python reads a package's `__init__` before its modules does not count.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from core.parts import PARTS

HOUSE = Path(__file__).parents[2]
CORE = (
    ("core", "core.progress", "core.threads", "core.writing"),
    ("core.attention",),
    ("core.model",),
    ("core.expressions",),
    ("core.exercises",),
    ("core.parts",),
    ("core.export",),
    ("core.__main__",),
)
WIDGETS = (
    ("widgets", "widgets.theme", "widgets.state", "widgets.scripts", "widgets.kernel"),
    ("widgets.worker",),
    ("widgets.session",),
    ("widgets.runner",),
    ("widgets.charts",),
    ("widgets.panel",),
    ("widgets.experiments",),
    ("widgets.parts", "widgets.prefetch"),
    ("widgets.compare", "widgets.exercises"),
    ("widgets.downloads",),
    ("widgets.page",),
    ("widgets.lab",),
)
"""Rooms from the lowest up; those of one line may know each other, as long as nothing goes in a circle."""
APART = {
    "core.default_model": "holds files, and the scripts that have made them",
    "widgets.serving": "is named by the server's settings only",
}
UNKNOWN_TO_PARTS = ("widgets.lab", "widgets.exercises", "widgets.downloads", "widgets.compare", "widgets.page")


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(HOUSE).with_suffix("").parts).removesuffix(".__init__")


FILES = {module_of(path): path for package in ("core", "widgets") for path in (HOUSE / package).rglob("*.py")}


def imported(path: Path, modules: set[str]) -> set[str]:
    """Those of the modules that a file imports anywhere."""
    return {name for named in names_in(ast.parse(path.read_text("utf-8"))) for name in named if name in modules}


def names_in(tree: ast.Module) -> Iterator[tuple[str, ...]]:
    """What each import names: modules, and for `from a import b` either `a.b`, or where that is no module `a`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield tuple(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: name the module in full"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield (inner,) if inner in FILES else (node.module or "",)


IMPORTS = {module: imported(path, set(FILES)) - {module} for module, path in FILES.items()}


def room_of(module: str, rooms: tuple[tuple[str, ...], ...]) -> int:
    """The place of a module in an order of rooms, by the room whose name says most."""
    fits = [
        (len(name), place)
        for place, names in enumerate(rooms)
        for name in names
        if module == name or (is_in(module, name) and "." in name)
    ]
    assert fits, f"{module} lies in no room"
    return max(fits)[1]


def is_in(module: str, room: str) -> bool:
    return module == room or module.startswith(f"{room}.")


def test_no_import_goes_in_a_circle() -> None:
    try:
        TopologicalSorter(IMPORTS).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


@pytest.mark.parametrize("rooms", [CORE, WIDGETS], ids=["core", "widgets"])
def test_nothing_knows_what_lies_higher(rooms: tuple[tuple[str, ...], ...]) -> None:
    house = rooms[0][0]
    modules = {module for module in FILES if is_in(module, house) and not any(is_in(module, room) for room in APART)}
    upwards = [
        f"{module} imports {other}"
        for module in sorted(modules)
        for other in sorted(IMPORTS[module] & modules)
        if room_of(other, rooms) > room_of(module, rooms)
    ]
    assert not upwards


@pytest.mark.parametrize("room", APART)
def test_is_imported_by_nothing(room: str) -> None:
    importers = [module for module, others in IMPORTS.items() if any(is_in(other, room) for other in others)]
    assert [module for module in importers if not is_in(module, room)] == []


def test_parts_know_nothing_of_what_is_put_around_them() -> None:
    below = [module for module in FILES if is_in(module, "widgets.parts") or is_in(module, "widgets.panel")]
    known = {other for module in below for other in IMPORTS[module]}
    assert not [other for other in known if any(is_in(other, room) for room in UNKNOWN_TO_PARTS)]


def test_core_knows_no_widgets() -> None:
    assert not [
        f"{module} imports {other}"
        for module, others in IMPORTS.items()
        for other in others
        if is_in(module, "core") and is_in(other, "widgets")
    ]


def test_a_part_has_a_room_in_core_and_a_file_in_widgets() -> None:
    for part in PARTS:
        assert f"core.parts.{part.name}" in FILES
        assert f"widgets.parts.{part.name}" in FILES
