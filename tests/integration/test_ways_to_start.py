"""The lab started as people start Voilà, each time in a process of its own, and the lab installed."""

import email
import json
import os
import re
import subprocess
import sys
import time
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import Request, urlopen

import numpy as np
import psutil
import pytest

from tests.environments import OURS, copy_sources, create_environment
from tests.serving import BIN, ROOT, SAID, Server, serving

VOILA = [f"{BIN}/voila", "--no-browser", "--pool_size=1"]
# The Makefile's own command; what it would set up first is another test's.
# Of a make that runs the tests it knows nothing.
MAKE = ["sh", "-c", f'unset MAKEFLAGS MAKELEVEL; exec make -o .venv/app.done app BIN={BIN} PORT="${{0#--port=}}"']
JUPYTER = [f"{BIN}/jupyter", "server", "--no-browser", "--allow-root", "--IdentityProvider.token="]
RENDERED = "voila/render/app.ipynb"
TEXT = "Purple is a color."


def get(server: Server, path: str = "") -> str:
    with urlopen(urljoin(server.url, path), timeout=120) as response:
        return response.read().decode()


def check_page(page: str) -> None:
    """The lab's own template, and in it the widgets that the notebook's first cell has made."""
    assert "<title>Attention Scores Lab</title>" in page
    assert 'id="lab-skeleton"' in page
    assert "application/vnd.jupyter.widget-view+json" in page
    assert "cdn.jsdelivr.net" not in page


def kernel_of(page_or_reply: str) -> str:
    """The id of the kernel that stands there first."""
    return re.findall(r'"(?:kernelId|id)": ?"([0-9a-f-]{36})"', page_or_reply)[0]


def kernel_process(name: str) -> psutil.Process | None:
    """The process of a kernel, if it has one."""
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if f"kernel-{name}" in " ".join(process.cmdline()):
                return process
    return None


def lives(server: Server, name: str) -> bool:
    """Whether the server has a kernel still."""
    with urlopen(urljoin(server.url, "/api/kernels"), timeout=60) as response:
        return name in {kernel["id"] for kernel in json.load(response)}


@pytest.mark.parametrize(
    ("command", "inside"),
    [([*VOILA, "app.ipynb"], True), ([*VOILA, f"{ROOT}/app.ipynb"], False), (MAKE, True)],
    ids=["in the repository", "from elsewhere", "make app"],
)
def test_voila_shows_the_lab(command: Sequence[str], inside: bool, tmp_path: Path) -> None:
    with serving(command, tmp_path / "log", folder=ROOT if inside else tmp_path) as server:
        page = get(server)
        check_page(page)
        assert server.log.read_text() == SAID.format(url=server.url)


def test_a_jupyter_server_shows_the_lab_and_leaves_notebooks_alone(tmp_path: Path) -> None:
    command = [*JUPYTER, f"--ServerApp.root_dir={ROOT}", "--ServerApp.disable_check_xsrf=True"]
    path = {"PATH": f"{BIN}:{os.environ['PATH']}"}
    with serving(command, tmp_path / "log", folder=tmp_path, environment=path) as server:
        page = get(server, f"/{RENDERED}")
        check_page(page)
        with urlopen(Request(urljoin(server.url, "/api/kernels"), data=b"{}"), timeout=60) as response:
            notebooks = kernel_of(response.read().decode())
        of_the_page = kernel_of(page)
        dying = [kernel_process(name) for name in (of_the_page, notebooks)]
        for process in dying:
            assert process is not None
            process.kill()
        until = time.monotonic() + 60
        while lives(server, of_the_page) or kernel_process(notebooks) in (None, dying[1]):
            assert time.monotonic() < until, "of the two only the notebook's kernel is to be started anew"
            time.sleep(0.2)


def test_what_jupyter_finds_here_is_what_the_repository_holds() -> None:
    """In an editable installation too these are copies; `make` renews them."""
    template, voila, server = (BIN.parent / name for name in OURS)
    installed = {path.name: path.read_text() for path in template.iterdir()}
    assert installed == {path.name: path.read_text() for path in (ROOT / "widgets/page/template").iterdir()}
    assert voila.read_text() == (ROOT / "voila.json").read_text()
    assert server.read_text() == (ROOT / "binder/jupyter_server_config.json").read_text()


def export(python: Path | str, folder: Path) -> None:
    """`python -m core` in a folder of no importance."""
    (folder / "text").write_text(TEXT)
    command = [python, "-m", "core", "--text-file", "text", "--out", "export"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=300)
    with np.load(folder / "export/study.npz") as arrays:
        assert arrays["part5_within"].ndim == 2


def test_the_command_line_works_from_elsewhere(tmp_path: Path) -> None:
    export(sys.executable, tmp_path)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built with what is installed here, so that nothing is fetched."""
    folder = tmp_path_factory.mktemp("wheel")
    copy_sources(folder / "sources")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-w", folder, "."]
    subprocess.run(command, cwd=folder / "sources", check=True, capture_output=True, timeout=300)
    (wheel,) = folder.glob("*.whl")
    return wheel


def test_the_wheel_holds_everything_and_names_what_it_needs(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (described,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        needed = email.message_from_bytes(archive.read(described)).get_all("Requires-Dist")
    files = [path for folder in ("core", "widgets") for path in (ROOT / folder).rglob("*") if path.is_file()]
    ours = {str(path.relative_to(ROOT)) for path in files if "__pycache__" not in path.parts}
    assert not ours - set(names)
    assert not [name for name in names if name.startswith(("tests", "binder"))]
    pins = (line.partition("#")[0].strip() for line in (ROOT / "requirements.txt").read_text().splitlines())
    assert needed == [pin for pin in pins if pin]


def test_an_installed_wheel_shows_the_lab_and_exports(wheel: Path, tmp_path: Path) -> None:
    python = create_environment(tmp_path / "env")
    install = [python, "-m", "pip", "install", "--no-deps", "--force-reinstall", wheel]
    subprocess.run(install, check=True, capture_output=True, timeout=300)
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (folder / "app.ipynb").write_text((ROOT / "app.ipynb").read_text())
    asked = [python, "-c", "import core, widgets; print(core.__file__, widgets.__file__)"]
    places = subprocess.run(asked, cwd=folder, check=True, capture_output=True, text=True).stdout.split()
    assert all(Path(place).is_relative_to(tmp_path / "env") for place in places)
    command = [python, "-m", "voila", "app.ipynb", "--no-browser", "--pool_size=1"]
    with serving([str(word) for word in command], tmp_path / "log", folder=folder) as server:
        page = get(server)
        check_page(page)
        process = kernel_process(kernel_of(page))
        assert process is not None
        assert str(tmp_path / "env") in " ".join(process.cmdline())
    export(python, folder)
