"""A model loaded in a learner's kernel: without what only clusters and compilers need, and with the same numbers."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from core.model import lean
from core.model.capture import ARRAYS, capture, read_capture
from core.model.loading import load
from tests.parity import assert_close
from tests.serving import ROOT
from tests.tiny_models import LINES, gpt2_config, llama_config, store

# In a process of its own: this one has imported transformers, whole.
PROGRAM = """
import sys
from pathlib import Path
from core.model.capture import capture, write_capture
from core.model.loading import load
folder, text, path = sys.argv[1:]
write_capture(capture(load(folder), text), Path(path))
names = {"torch._dynamo", "torch.distributed.tensor", "torch.distributed.fsdp", "sympy"} & set(sys.modules)
import torch
assert torch.distributed.is_available()
assert torch.compile(lambda x: x + 1, backend="eager")(torch.ones(1)) == 2, "whole again"
print(*names)
"""


@pytest.mark.parametrize("config", [gpt2_config(), llama_config()], ids=["gpt2", "llama"])
def test_a_lean_torch_loads_the_same_model(config, tmp_path: Path) -> None:
    folder = store(config, tmp_path / "tiny")
    command = [sys.executable, "-c", PROGRAM, folder, LINES[0], tmp_path / "capture.npz"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert config.model_type != "gpt2" or not done.stdout.split(), (  # others may ask for more as they run
        f"Loading a model brings {done.stdout.strip()}: torch or transformers asks for its compiler, for "
        "torch.distributed or for a layer's first weights in another way than core/model/lean.py looks for."
    )
    lean, whole = read_capture(tmp_path / "capture.npz"), capture(load(str(folder)), LINES[0])
    # float32 in another process, with other threads, may round otherwise.
    assert lean.model == replace(whole.model, largest_difference=lean.model.largest_difference)
    for name in ARRAYS:
        assert_close(getattr(lean, name), getattr(whole, name), name)


@pytest.mark.parametrize("gone", ["torch.distributed.is_available", "torch._dynamo"])
def test_a_torch_that_is_built_otherwise_is_left_alone(gone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if gone == lean.COMPILER:
        monkeypatch.setattr(lean, "find_spec", lambda name: None)
    else:
        monkeypatch.delattr(gone)
    monkeypatch.delitem(sys.modules, lean.COMPILER, raising=False)
    with lean.lean_torch():
        assert lean.COMPILER not in sys.modules
