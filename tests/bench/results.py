"""results.json: what was measured, and the one table that is made of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.bench.rows import ROWS, Measured, Row

FILE = Path(__file__).with_name("results.json")
HEAD = ("what", "measured", "reference", "compared", "reach", "met")


def read() -> dict[str, Any]:
    """`machines` by module, `rows` by key; empty where nothing was measured yet."""
    return json.loads(FILE.read_text()) if FILE.exists() else {"machines": {}, "rows": {}}


def start(module: str, machine: dict[str, Any]) -> None:
    """Forget what the module has measured before."""
    results = read()
    mine = {row.key for row in ROWS if row.module == module}
    rows = {key: entry for key, entry in results["rows"].items() if key not in mine}
    write({"machines": results["machines"] | {module: machine}, "rows": rows})


def add(measured: Measured) -> None:
    """Keep one row. Raises KeyError for a row that nobody asked for."""
    row = {row.key: row for row in ROWS}[measured.key]
    value, reference = row.figure(measured.values), row.figure(measured.reference)
    results = read()
    results["rows"][row.key] = {
        "what": row.what,
        "value": value,
        "reference": reference,
        "unit": row.unit,
        "beside": row.beside,
        "met": row.met(value, reference),
        "note": measured.note,
        "values": [round(figure, 4) for figure in measured.values],
        "references": [round(figure, 4) for figure in measured.reference],
    }
    write(results)


def write(results: dict[str, Any]) -> None:
    FILE.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def table(results: dict[str, Any], rows: Iterable[Row] = ROWS) -> str:
    """The rows that were measured, as Markdown."""
    measured = [cells(row, results["rows"][row.key]) for row in rows if row.key in results["rows"]]
    lines = [HEAD, ("---",) * len(HEAD), *measured]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cells(row: Row, entry: dict[str, Any]) -> tuple[str, ...]:
    """One line of the table."""
    value, reference = entry["value"], entry["reference"]
    compared = row.compared(value, reference)
    shown = f"{number(compared)} {row.unit} more" if row.judged == "difference" else f"{number(compared)} ×"
    note = f" ({entry['note']})" if entry["note"] else ""
    return (
        row.what + note,
        f"{number(value)} {row.unit}".strip(),
        f"{number(reference)} {row.unit}".strip() + f" ({row.beside})",
        "" if compared != compared else shown,
        row.reach,
        {True: "yes", False: "**no**", None: ""}[entry["met"]],
    )


def number(figure: float) -> str:
    """Three digits, and all those before the point."""
    return f"{figure:,.0f}" if abs(figure) >= 100 else f"{figure:.3g}"


def about(module: str, machine: dict[str, Any]) -> str:
    """The machine in one line."""
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    load = " ".join(map(str, machine["load"]))
    return (
        f"{module}: {machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}, "
        f"load {load} at {machine['measured']}; {versions}"
    )
