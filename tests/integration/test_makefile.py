"""`make app` and `make test` set themselves up: which Python they take, and what they ask of which index."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.serving import ROOT, VOILA

SHIM = "#!/bin/sh\necho \"pyenv: $0: command not found\" >&2\nexit 127\n"
# Fits, and instead of making an environment notes its name where the environment would be.
FITTING = '#!/bin/sh\nif [ "$1" = -c ]; then exit 0; fi\nmkdir -p .venv/bin; echo "$0 $*" >.venv/bin/pip\n'
OLD = "#!/bin/sh\nexit 1\n"
HUB = "binder/hub/requirements.txt"
PINS = ("requirements.txt", HUB, "requirements-test.txt", "binder/requirements.txt")
INSTALLED = ("pyproject.toml", "voila.json", "binder/jupyter_server_config.json")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A fresh clone as far as the Makefile is concerned, and bin/ with make's few tools and no Python."""
    (tmp_path / "binder/hub").mkdir(parents=True)
    for name in ("Makefile", *PINS, *INSTALLED):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "bin").mkdir()
    for tool in ("make", "sh", "uname", "echo", "grep", "sed", "mkdir"):
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool) or "")
    return tmp_path


def put(project: Path, name: str, script: str) -> None:
    """Puts a program on the path of `make`."""
    program = project / "bin" / name
    program.unlink(missing_ok=True)
    program.write_text(script)
    program.chmod(0o755)


def put_python(project: Path, log: Path) -> None:
    """Puts a Python into the environment that only notes what it is asked to do."""
    python = project / ".venv/bin/python"
    python.parent.mkdir(parents=True, exist_ok=True)
    python.write_text(f'#!/bin/sh\necho "$*" >>{log}\n')
    python.chmod(0o755)


def make(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments],
        cwd=project,
        env={"PATH": str(project / "bin")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_first_python_that_runs_is_taken(project: Path) -> None:
    put(project, "python3.13", SHIM)
    put(project, "python3.12", OLD)
    put(project, "python3.11", FITTING)
    put(project, "python3", FITTING)
    make(project, ".venv/bin/pip")
    assert (project / ".venv/bin/pip").read_text() == f"{project}/bin/python3.11 -m venv .venv\n"


def test_no_python_is_one_clear_line(project: Path) -> None:
    put(project, "python3.13", SHIM)
    put(project, "python3", OLD)
    result = make(project, "app")
    said = [line for line in result.stderr.splitlines() if not line.startswith("make:")]
    assert result.returncode == 2
    assert said == [
        "Python 3.11 or newer with its venv module is needed; tried: python3.13 python3.12 python3.11 python3."
    ]


@pytest.mark.parametrize(("system", "asked"), [("Linux", 1), ("Darwin", 0), ("MINGW64_NT-10.0", 0)])
def test_index_of_cpu_builds_is_asked_for_torch_alone_and_only_on_linux(
    project: Path, system: str, asked: int
) -> None:
    put(project, "uname", f"#!/bin/sh\necho {system}\n")
    put(project, "python3", FITTING)
    make(project, ".venv/bin/pip")
    put(project, "touch", "#!/bin/sh\n")
    put(project, "ln", "#!/bin/sh\n")
    log = project / "asked"
    put_python(project, log)
    assert make(project, ".venv/app.done").returncode == 0
    *first, pins, lab = log.read_text().splitlines()
    index = "--extra-index-url https://download.pytorch.org/whl/cpu torch=="
    assert [index in call and "--no-deps" in call and "--retries" in call for call in first] == [True] * asked
    assert pins.endswith("pip install --disable-pip-version-check -r requirements.txt")
    assert "--extra-index-url" not in (project / "requirements.txt").read_text()
    assert lab.endswith("--no-deps --no-build-isolation --editable .")


def test_set_up_runs_again_only_when_the_pins_change(project: Path) -> None:
    environment = project / ".venv"
    (environment / "bin").mkdir(parents=True)
    put(project, "touch", "#!/bin/sh\n")
    stamps = [environment / name for name in ("bin/pip", "pins.done", "app.done", "hub.done", "test.done")]
    for age, file in enumerate([*(project / name for name in (*PINS, *INSTALLED)), *stamps]):
        file.touch()
        os.utime(file, (age, age))
    assert make(project, "-q", ".venv/test.done").returncode == 0
    (project / "requirements-test.txt").touch()
    assert make(project, "-q", ".venv/hub.done").returncode == 0
    assert make(project, "-q", ".venv/test.done").returncode == 1
    (project / HUB).touch()
    assert make(project, "-q", ".venv/app.done").returncode == 0
    assert make(project, "-q", ".venv/hub.done").returncode == 1
    (project / "requirements.txt").touch()
    assert make(project, "-q", ".venv/app.done").returncode == 1


@pytest.mark.parametrize("changed", [*INSTALLED, "widgets/page/template/index.html.j2"])
def test_the_lab_alone_is_installed_again_when_what_jupyter_finds_of_it_has_changed(
    project: Path, changed: str
) -> None:
    log = project / "asked"
    put_python(project, log)
    (project / "widgets/page/template").mkdir(parents=True)
    (project / changed).touch()
    for name in ("bin/pip", "pins.done", "hub.done", "test.done", "app.done"):
        (project / ".venv" / name).touch()
    os.utime(project / ".venv/app.done", (0, 0))
    make(project, ".venv/test.done")
    (call,) = log.read_text().splitlines()
    assert call.endswith("--editable .")


def test_the_link_of_an_earlier_set_up_is_not_written_through(project: Path) -> None:
    log = project / "asked"
    put_python(project, log)
    for name in ("bin/pip", "pins.done"):
        (project / ".venv" / name).touch()
    link = project / ".venv/share/jupyter/voila/templates/attention-scores"
    link.parent.mkdir(parents=True)
    link.symlink_to(project)
    put(project, "rm", f'#!/bin/sh\n{shutil.which("rm")} "$@"\n')
    make(project, ".venv/app.done")
    assert not link.is_symlink()
    assert log.exists()
    assert (project / "Makefile").exists()


@pytest.mark.parametrize(
    ("arguments", "host", "port"),
    [([], "localhost", 8866), (["PORT=9123"], "localhost", 9123), (["HOST=0.0.0.0"], "0.0.0.0", 8866)],
)
def test_app_is_served_as_the_tests_serve_it_where_it_is_asked_to(
    project: Path, arguments: list[str], host: str, port: int
) -> None:
    last = make(project, "-n", "app", *arguments).stdout.splitlines()[-1].split()
    assert last[0].endswith("/bin/python")
    assert last[1:] == [*VOILA[1:], f"--Voila.ip={host}", f"--port={port}"]


@pytest.mark.parametrize(("node", "fetched"), [("exit 0", 0), ("exit 1", 1), (None, 1)], ids=["fits", "old", "none"])
def test_proxy_of_the_hub_runs_on_the_machines_node_or_on_one_of_its_own(
    project: Path, node: str | None, fetched: int
) -> None:
    log = project / "asked"
    binaries = project / ".venv/bin"
    binaries.mkdir(parents=True)
    for name in ("bin/pip", "pins.done", "app.done"):
        (project / ".venv" / name).touch()
    put_python(project, log)
    (binaries / "nodeenv").write_text(f'#!/bin/sh\necho "nodeenv $*" >>{log}\n')
    (binaries / "nodeenv").chmod(0o755)
    if node:
        put(project, "node", f"#!/bin/sh\n{node}\n")
    put(project, "npm", f'#!/bin/sh\necho "npm $*" >>{log}\n')
    put(project, "touch", "#!/bin/sh\n")
    assert make(project, ".venv/hub.done").returncode == 0
    asked = log.read_text().splitlines()
    assert sum(call.startswith("nodeenv --python-virtualenv .venv --node=") for call in asked) == fetched
    assert re.fullmatch(r"npm install .*--prefix \.venv configurable-http-proxy@\d+\.\d+\.\d+", asked[-1])


def test_hub_asks_for_the_password_of_the_class(project: Path) -> None:
    (project / ".venv/bin").mkdir(parents=True)
    for name in ("bin/pip", "pins.done", "app.done", "hub.done"):
        (project / ".venv" / name).touch()
    result = make(project, "hub")
    assert result.returncode == 2
    assert "HUB_PASSWORD: It is not set: choose the password of the class" in result.stderr
