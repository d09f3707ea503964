"""What is served: the notebook, Voilà's settings, and the template that stands there before the kernel is up."""

import json
import re
from dataclasses import asdict
from pathlib import Path

import pytest

from widgets.lab import Lab
from widgets.theme import DARK, LIGHT

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "widgets" / "page" / "template"


@pytest.fixture(scope="module")
def source() -> str:
    notebook = json.loads((ROOT / "app.ipynb").read_text())
    assert all(cell["outputs"] == [] for cell in notebook["cells"])
    return "\n".join("".join(cell["source"]) for cell in notebook["cells"])


def test_the_notebook_is_a_page_of_plain_lines(source: str) -> None:
    assert len(source.splitlines()) <= 16
    (example,) = re.findall(r"lab\.page\(([^)]+)\)", source)
    assert set(re.findall(r"lab\.(\w+)", example)) < {part.name for part in Lab().parts}
    assert source.splitlines()[-1].startswith("lab.follow_address()"), "last, as it waits until the page is opened"


def test_nothing_of_the_repository_is_served() -> None:
    settings = json.loads((ROOT / "voila.json").read_text())["VoilaConfiguration"]
    assert settings["file_allowlist"] == []
    assert settings["strip_sources"]
    assert not settings["show_tracebacks"]
    assert (settings["allow_template_override"], settings["allow_theme_override"]) == ("NO", "NO")


@pytest.mark.parametrize("file", sorted(TEMPLATE.iterdir()), ids=lambda file: file.name)
def test_the_template_names_no_other_host(file: Path) -> None:
    assert not re.search(r"https?:|//[\w-]+\.\w", file.read_text())


def test_the_skeleton_wears_the_colours_of_the_theme() -> None:
    pairs = set(re.findall(r"light-dark\((#\w+), (#\w+)\)", (TEMPLATE / "skeleton.css").read_text()))
    assert pairs
    assert pairs <= set(zip(asdict(LIGHT).values(), asdict(DARK).values(), strict=True))
