"""Two pieces of work timed in turn."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

RUNS = 7
PAUSE = 0.1
"""Seconds before each run: threads of the one before spin on for a moment, and would look like a busy core."""


def seconds(work: Callable[[], Any]) -> float:
    """How long the work takes, on a machine come to rest."""
    time.sleep(PAUSE)
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def interleaved(
    one: Callable[[], Any], other: Callable[[], Any], runs: int = RUNS, per_second: float = 1
) -> tuple[list[float], list[float]]:
    """Times of both, run in turn after a first time that does not count, so that both meet the same machine.

    In seconds, or with `per_second` = 1000 in milliseconds.
    """
    one()
    other()
    times = [(seconds(one), seconds(other)) for _ in range(runs)]
    return [first * per_second for first, _ in times], [second * per_second for _, second in times]
