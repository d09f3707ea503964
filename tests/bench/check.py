"""Whether results.json holds every row with its reference, and whether the bench's README tells it all."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from tests.bench import results
from tests.bench.rows import MODULES, ROWS, Row

HEADING = "## What falls short"
"""The README's list under this heading names each row that misses its reach, in bold, and says what was tried."""


def faults(measured: dict[str, Any], readme: str) -> list[str]:
    """What is wrong, in a sentence each; empty where nothing is."""
    rows = {row.key: row for row in ROWS}
    found = [f"{key} is no row" for key in measured["rows"] if key not in rows]
    found += [f"no machine is named for {module}" for module in MODULES if module not in measured["machines"]]
    for row in ROWS:
        entry = measured["rows"].get(row.key)
        found += [f"{row.key} was not measured"] if entry is None else _of_row(row, entry)
    if found:
        return found
    return list(_of_readme(measured, readme))


def _of_row(row: Row, entry: dict[str, Any]) -> list[str]:
    runs = {"value": entry["values"], "reference": entry["references"]}
    few = [f"{row.key}: {len(taken)} runs of its {name}" for name, taken in runs.items() if len(taken) < row.least]
    if few:
        return few
    found = []
    for name, figures in runs.items():
        if not math.isclose(row.figure(figures), entry[name], rel_tol=1e-3, abs_tol=1e-3):
            found.append(f"{row.key}: its {name} is not that of its runs")
    if entry["met"] != row.met(entry["value"], entry["reference"]):
        found.append(f"{row.key}: judged by another limit")
    return found


def _of_readme(measured: dict[str, Any], readme: str) -> Iterator[str]:
    for line in results.table(measured).splitlines():
        if line not in readme:
            yield f"the README lacks the line {line}"
    for processor in sorted({machine["processor"] for machine in measured["machines"].values()}):
        if processor not in readme:
            yield f"the README does not name {processor}"
    listed = readme.partition(HEADING)[2].partition("\n## ")[0]
    for row in ROWS:
        missed, named = measured["rows"][row.key]["met"] is False, f"**{row.what}**" in listed
        if missed and not named:
            yield f"the README does not say that {row.key} falls short, as **{row.what}**"
        if named and not missed:
            yield f"the README says that {row.key} falls short, which it does not"
