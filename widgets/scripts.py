"""The lab's scripts as modules of the page."""

from __future__ import annotations

from pathlib import Path

SHARED = Path(__file__).with_name("shared.js")


def script(*files: Path) -> str:
    """These files as one module, below what all scripts share; the file that exports the module comes last."""
    return "\n".join(path.read_text("utf-8") for path in (SHARED, *files))
