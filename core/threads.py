"""On how many threads numbers are computed. Imported before numpy.

numpy's products take one: they are small here, and where many kernels share the cores a second one waits for its turn
while it keeps a core busy (T = 1024 on two busy cores: 8 times as long on two threads as on one). A model's pass takes
the cores that are idle as it begins. OMP_NUM_THREADS bounds both.
"""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

LOAD = Path("/proc/loadavg")


def idle_cores() -> int:
    """Cores that nobody else computes on at this moment; one at least, the caller's own.

    All cores where the system does not tell.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    most = int(os.environ.get("OMP_NUM_THREADS") or cores)
    running = int(LOAD.read_text().split()[3].partition("/")[0]) if LOAD.exists() else 1  # the caller is one of them
    return max(1, min(most, cores - max(running - 1, 0)))
