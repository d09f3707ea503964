"""`python -m tests.bench` measures everything; `python -m tests.bench compute memory` only those modules."""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys

from tests.bench import results
from tests.bench.machine import machine
from tests.bench.rows import MODULES, ROWS


def measure(module: str) -> None:
    """Runs one module here and keeps each row as it comes. Raises whatever the module raises."""
    here = machine()
    print(results.about(module, here), flush=True)
    results.start(module, here)
    rows = {row.key: row for row in ROWS}
    for measured in importlib.import_module(f"tests.bench.{module}").measure():
        results.add(measured)
        print(" · ".join(results.cells(rows[measured.key], results.read()["rows"][measured.key])), flush=True)


def main(modules: list[str]) -> int:
    """Exit status: that of the last module that failed, else 0. Each runs in a process of its own."""
    if len(modules) == 1:
        measure(modules[0])
        return 0
    status = 0
    for module in modules:
        status = subprocess.run([sys.executable, "-m", "tests.bench", module], check=False).returncode or status
    print(f"\n{results.table(results.read())}")
    return status


if __name__ == "__main__":
    options = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure the lab beside references.")
    options.add_argument("modules", nargs="*", metavar="module", help=f"of {', '.join(MODULES)}; default: all")
    asked = options.parse_args().modules or list(MODULES)
    if unknown := set(asked) - set(MODULES):
        options.error(f"no such module: {', '.join(sorted(unknown))}")
    sys.exit(main(asked))
