"""What a server's processes take of the machine's memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import psutil

KILOBYTES = re.compile(r"^(\w+): +(\d+) kB$", re.MULTILINE)


def megabytes(process: psutil.Process, *kinds: str) -> float:
    """Memory of these kinds in /proc/PID/smaps_rollup; 0 for a process that has ended.

    `Pss` shares out what several processes have in common; `Private_Clean` and `Private_Dirty` are a process's own.
    """
    try:
        listed = dict(KILOBYTES.findall(Path(f"/proc/{process.pid}/smaps_rollup").read_text()))
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(int(listed[kind]) for kind in kinds) * 1024 / 1e6


def family() -> Iterator[psutil.Process]:
    """Every process that this one has started, servers and kernels."""
    yield from psutil.Process().children(recursive=True)


def kernel_process(kernel: str) -> psutil.Process:
    """A kernel's process. Raises StopIteration where there is none."""
    return next(process for process in family() if f"kernel-{kernel}.json" in " ".join(process.cmdline()))
