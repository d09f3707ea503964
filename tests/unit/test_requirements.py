"""One list of exact pins, with a pin for everything that the lab imports."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
PIN = re.compile(r"([A-Za-z0-9_.-]+)==([0-9][^\s#]*) +# (\S.+)")
# Not imported: they serve the notebook, or are the browser's half of a package that is.
STARTED = {"ipykernel", "voila", "bqscales"}


def lines(name: str) -> list[str]:
    """The lines of a file of requirements that pip acts upon."""
    return [line for line in (ROOT / name).read_text().splitlines() if line and not line.startswith("#")]


def plain(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def imported() -> set[str]:
    """The packages from outside that core/ and widgets/ import, by the names that they are installed under."""
    modules = set()
    for file in [*ROOT.glob("core/**/*.py"), *ROOT.glob("widgets/**/*.py")]:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                modules.add((node.module or "").split(".")[0])
    outside = modules - set(sys.stdlib_module_names) - {"core", "widgets"}
    installed = packages_distributions()
    return {plain(installed[module][0]) for module in outside}


def test_every_requirement_is_an_exact_pin_with_its_reason() -> None:
    options = {"-r requirements.txt"}
    for name in ("requirements.txt", "requirements-test.txt", "binder/hub/requirements.txt"):
        loose = [line for line in lines(name) if line not in options and not PIN.fullmatch(line)]
        assert not loose, f"{name}: {loose}"


def test_pins_are_what_the_lab_imports_and_is_started_with() -> None:
    pinned = {plain(match[1]) for line in lines("requirements.txt") if (match := PIN.fullmatch(line))}
    assert not imported() - pinned, "imported, but not pinned"
    assert not pinned - imported() - STARTED, "pinned, but not used"
