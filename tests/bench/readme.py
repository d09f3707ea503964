"""`python -m tests.bench.readme` writes what results.json says into two READMEs, between the marks that stand there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tests.bench import class_size, results

README = Path(__file__).with_name("README.md")
FILES = (README, Path(__file__).parents[2] / "binder/hub/README.md")
"""The bench's, and the administrator's, who asks what a class needs."""
MARKED = re.compile(r"(<!-- bench: (\w+) -->\n).*?(?=<!-- end -->)", re.DOTALL)


def speed(measured: dict[str, Any]) -> str:
    """Every row, and the machines that they were measured on."""
    if not measured["rows"]:
        return "(`make bench` fills in this table.)"
    machines = [f"- {results.about(module, machine)}" for module, machine in measured["machines"].items()]
    return "\n".join([results.table(measured), "", *machines])


TABLES = {"class": class_size.table, "speed": speed}


def filled(text: str, measured: dict[str, Any]) -> str:
    """A text with what was measured between its marks. Raises KeyError for a mark that names no table."""
    return MARKED.sub(lambda mark: f"{mark[1]}\n{TABLES[mark[2]](measured)}\n\n", text)


if __name__ == "__main__":
    for file in FILES:
        file.write_text(filled(file.read_text(encoding="utf-8"), results.read()), encoding="utf-8")
