"""Environments for tests: with all that the lab needs in them, and without the lab."""

import shutil
import site
import venv
from pathlib import Path

from tests.serving import BIN, ROOT

SOURCES = ("pyproject.toml", "requirements.txt", "LICENSE", "voila.json", "app.ipynb", "binder", "core", "widgets")
TEMPLATE = "share/jupyter/voila/templates/attention-scores"
OURS = (TEMPLATE, "etc/jupyter/voila.json", "etc/jupyter/jupyter_server_config.json")
"""What the lab has put into the environment of the tests for Jupyter to find."""


def copy_sources(folder: Path) -> None:
    """The part of the repository that the lab is installed from: building leaves something behind."""
    folder.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder / name)


def create_environment(folder: Path) -> Path:
    """A new environment, in which the packages of this one are found; its Python."""
    venv.create(folder, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "those-of-the-tests.pth").write_text("\n".join(site.getsitepackages()))
    for name in ("etc/jupyter", "share/jupyter"):
        mirror(name, folder)
    return folder / "bin/python"


def mirror(name: str, environment: Path) -> None:
    """Gives an environment this one's folder of that name, with links to the files, but for what is the lab's."""
    (environment / name).mkdir(parents=True)
    for entry in (BIN.parent / name).iterdir():
        here = f"{name}/{entry.name}"
        if here in OURS:
            continue
        if entry.is_dir():
            mirror(here, environment)
        else:
            (environment / here).symlink_to(entry)
