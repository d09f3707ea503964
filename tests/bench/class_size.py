"""What a class needs, from what was measured with 30 learners: the table of the administrator's README."""

from __future__ import annotations

from math import ceil
from typing import Any

from core.model.catalogue import HUB

MEASURED = 30
"""Learners of the bench's class."""
RESERVE = 1.25
"""Of what was measured: for the system, and for those who open a second page."""
WAYS = ((30, "`make app`"), (100, "`make hub`"), (300, "Kubernetes"))
NEEDED = ("class-memory", "learner-private", "hub-server")
HEAD = ("learners", "with", "cores", "memory, shipped model", "memory, everybody runs texts on `gpt2-medium`")


def table(results: dict[str, Any]) -> str:
    """The table as Markdown, or a sentence where something that it needs was not measured yet."""
    rows, machines = results["rows"], results["machines"]
    if not set(NEEDED) <= set(rows) or "classroom" not in machines:
        return "(`make bench` fills in this table.)"
    lines = [HEAD, ("---",) * len(HEAD)]
    for learners, way in WAYS:
        # With `make app` one server is shared, and is in the class's figure already.
        server = 0 if learners == MEASURED else rows["hub-server"]["value"] / 1000
        shipped = learners * (rows["class-memory"]["value"] / MEASURED + server)
        medium = learners * (rows["learner-private"]["value"] / 1000 + server) + HUB["gpt2-medium"].megabytes / 1000
        cores = ceil(learners * machines["classroom"]["cores"] / MEASURED)
        lines.append((str(learners), way, str(cores), *(f"{ceil(RESERVE * need)} GB" for need in (shipped, medium))))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
