"""A model loaded in a learner's kernel: without what only clusters and compilers need, and with the same numbers."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.capture import ARRAYS, capture, read_capture
from core.models import load
from tests.parity import assert_close
from tests.serving import ROOT
from tests.tiny_models import LINES, gpt2_config, llama_config, store

# In a process of its own: this one has imported transformers, whole.
PROGRAM = """
import sys
from pathlib import Path
from core.capture import capture, write_capture
from core.models import load
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
    assert config.model_type != "gpt2" or done.stdout.split() == []  # others may ask for more as they run
    lean, whole = read_capture(tmp_path / "capture.npz"), capture(load(str(folder)), LINES[0])
    assert lean.model == whole.model
    for name in ARRAYS:
        assert_close(getattr(lean, name), getattr(whole, name), name)
