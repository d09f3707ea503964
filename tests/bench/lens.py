"""TransformerLens beside the lab: in an environment and a process of its own, run in turn with it."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

ENVIRONMENT = Path(__file__).parents[2] / ".venv-lens"
RELEASE = "transformer-lens==4.3.0"
SHARED = ("torch", "transformers", "numpy")
"""Taken from this environment, so that both compute with the same libraries."""


def python() -> Path:
    """The interpreter of an environment that holds TransformerLens; made where there is none.

    Raises CalledProcessError where it cannot be installed.
    """
    program, done = ENVIRONMENT / "bin" / "python", ENVIRONMENT / "done"
    if done.exists() and done.read_text() == RELEASE:
        return program
    subprocess.run([sys.executable, "-m", "venv", "--clear", ENVIRONMENT], check=True)
    packages = next(ENVIRONMENT.glob("lib/python*/site-packages"))
    (packages / "shared.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    pins = ENVIRONMENT / "constraints.txt"
    pins.write_text("".join(f"{name}=={version(name)}\n" for name in SHARED))
    subprocess.run([program, "-m", "pip", "install", "--quiet", "-c", pins, RELEASE], check=True)
    done.write_text(RELEASE)
    return program


class Lens:
    """A TransformerLens model in a process of its own that runs one text over and over."""

    def __init__(self, process: subprocess.Popen[str], arrays: Path):
        self._process, self._arrays = process, arrays

    def run(self) -> None:
        """`run_with_cache`, filtered to queries and keys, once. Raises RuntimeError if the process is gone."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("run\n")
        self._process.stdin.flush()
        if self._process.stdout.readline() != "done\n":
            raise RuntimeError("TransformerLens has ended before its time")

    def activations(self) -> tuple[Float[ndarray, "layer token embedding"], Float[ndarray, "layer token embedding"]]:
        """Queries and keys of its first run."""
        with np.load(self._arrays) as stored:
            return stored["query"], stored["key"]


@contextmanager
def lens(model: Path, token_ids: Int[ndarray, " token"]) -> Iterator[Lens]:
    """The model of that folder, run once on the tokens, until the block ends."""
    program = python()
    with TemporaryDirectory() as folder:
        tokens, arrays = Path(folder, "tokens.npy"), Path(folder, "arrays.npz")
        np.save(tokens, token_ids)
        process = subprocess.Popen(
            [program, Path(__file__).with_name("lens_process.py"), model, tokens, arrays],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "HF_HUB_OFFLINE": "1", "WANDB_MODE": "disabled"},
        )
        try:
            started = Lens(process, arrays)
            started.run()
            yield started
        finally:
            process.communicate()
