"""What the numbers may import: no widget library at all, and no torch until a model runs or an answer is checked."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

CORE = Path(__file__).parents[2] / "core"
BQPLOT = {"bqplot", "bqplot_image_gl", "bqplot_gl", "bqscales"}
WIDGET_LIBRARIES = BQPLOT | {"ipywidgets", "traitlets", "IPython", "anywidget"}


def imported_by(path: Path) -> set[str]:
    """Top-level packages that a file imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("path", sorted(CORE.rglob("*.py")), ids=lambda path: str(path.relative_to(CORE)))
def test_no_file_of_core_imports_a_widget_library_or_the_widgets(path):
    assert not imported_by(path) & (WIDGET_LIBRARIES | {"widgets"})


def test_the_study_of_a_capture_needs_no_torch():
    program = "import sys, core.export.files; [part.export for part in core.export.files.PARTS]; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=CORE.parent, check=True, capture_output=True, text=True)
    names = {name.partition(".")[0] for name in done.stdout.split()}
    assert "numpy" in names
    assert not names & (WIDGET_LIBRARIES | {"torch", "transformers", "tokenizers"})
