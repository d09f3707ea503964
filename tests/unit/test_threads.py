"""A pass takes the cores that are idle, and numpy one thread."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core import threads

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("cores", "running", "bound", "taken"),
    [(8, 1, "", 8), (8, 3, "", 6), (2, 1, "", 2), (2, 2, "", 1), (2, 40, "", 1), (8, 0, "", 8), (8, 1, "1", 1)],
)
def test_a_pass_takes_the_idle_cores(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cores: int, running: int, bound: str, taken: int
) -> None:
    (tmp_path / "loadavg").write_text(f"0.52 0.58 0.59 {running}/700 12345\n")
    monkeypatch.setattr(threads, "LOAD", tmp_path / "loadavg")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)), raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", bound)
    assert threads.idle_cores() == taken


def test_a_system_that_does_not_tell_gives_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(threads, "LOAD", tmp_path / "nothing")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2}, raising=False)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert threads.idle_cores() == 3


@pytest.mark.parametrize("first", ["core.parts.heads.numbers", "widgets.state"])
def test_numpy_computes_on_one_thread(first: str) -> None:
    program = (
        "import os, sys, core\n"
        "assert 'numpy' not in sys.modules\n"
        f"import {first}\n"
        "print(os.environ['OPENBLAS_NUM_THREADS'])\n"
    )
    environment = {name: value for name, value in os.environ.items() if "NUM_THREADS" not in name}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    assert done.stdout == "1\n"
