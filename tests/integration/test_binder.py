"""What mybinder makes of `binder/`, as far as it can be tried without a container engine."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urljoin
from urllib.request import urlopen

import pytest
from jupyter_client import BlockingKernelClient

from core.model.catalogue import SHIPPED_FOLDER
from core.model.hub import HUB
from tests.environments import copy_sources, create_environment
from tests.hub_standin import serving_hub
from tests.serving import ROOT, serving

FILES = ("config.json", "tokenizer.json", "model.safetensors")
BINDER = ROOT / "binder"
PATH = "voila/render/app.ipynb"
# Files that repo2docker would take packages, or the whole image, from.
OTHER_LISTS = {"environment.yml", "Pipfile", "Pipfile.lock", "setup.py", "apt.txt", "Dockerfile", "default.nix"}


def test_repo2docker_builds_from_the_one_list_of_pins() -> None:
    """`--no-build` needs no engine: it prints the Dockerfile that it would build."""
    environment = {**os.environ, "DOCKER_HOST": "unix:///nowhere"}
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(ROOT)]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    dockerfile = result.stdout + result.stderr
    assert "python=3.11" in dockerfile
    # The project's own list lies outside binder/: it must be there before pip runs.
    assert dockerfile.index("COPY --chown=0:0 src/ ") < dockerfile.index('-r "binder/requirements.txt"')
    assert "RUN ./binder/postBuild" in dockerfile
    assert 'R2D_ENTRYPOINT="${REPO_DIR}/binder/start"' in dockerfile


def test_binder_has_no_second_list_of_pins() -> None:
    lines = [line for line in (BINDER / "requirements.txt").read_text().splitlines() if not line.startswith("#")]
    assert lines == ["--extra-index-url https://download.pytorch.org/whl/cpu", "-r ../requirements.txt"]
    assert not OTHER_LISTS & {file.name for file in [*BINDER.iterdir(), *ROOT.iterdir()]}


@pytest.mark.parametrize("name", ["postBuild", "start"])
def test_script_is_executable_and_parses(name: str) -> None:
    assert os.access(BINDER / name, os.X_OK)
    subprocess.run(["bash", "-n", BINDER / name], check=True)


def test_start_keeps_the_lab_offline_on_one_thread() -> None:
    command = [BINDER / "start", "sh", "-c", 'echo "$HF_HUB_OFFLINE $OMP_NUM_THREADS $1"', "sh", "two words"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "1 1 two words\n"


def test_a_jupyter_server_ends_kernels_as_voila_does() -> None:
    voila = json.loads((ROOT / "voila.json").read_text())
    server = json.loads((BINDER / "jupyter_server_config.json").read_text())
    connection = "kernel_websocket_connection_class"
    for name in ("MappingKernelManager", "KernelRestarter", "PageConnection"):
        assert server[name] == voila[name]
    assert server["ServerApp"][connection] == voila["Voila"][connection]


def test_badge_opens_the_page() -> None:
    assert PATH in unquote((ROOT / "README.md").read_text().split("?urlpath=")[1].split(")")[0])


class Image(NamedTuple):
    """What the tests have in place of an image: an environment without the lab's settings, and a hub's cache."""

    python: Path
    repository: Path
    variables: dict[str, str]


@pytest.fixture
def image(tmp_path: Path) -> Image:
    """After postBuild, which found one model in the hub's cache and fetched the other: both are the shipped one."""
    repository = tmp_path / "repository"
    copy_sources(repository)
    python = create_environment(tmp_path / "env")
    cached = tmp_path / f"hub/models--distilbert--distilgpt2/snapshots/{HUB['distilgpt2'].revision}"
    cached.mkdir(parents=True)
    for file in FILES:
        (cached / file).symlink_to(SHIPPED_FOLDER / file)
    variables = {"PATH": f"{python.parent}:{os.environ['PATH']}", "HF_HUB_CACHE": str(tmp_path / "hub")}
    with serving_hub(SHIPPED_FOLDER, "openai-community/gpt2", HUB["gpt2"].revision) as hub:
        environment = {**os.environ, **variables, "HF_ENDPOINT": hub.endpoint}
        subprocess.run([repository / "binder/postBuild"], cwd=repository, env=environment, check=True)
    fetched = tmp_path / f"hub/models--openai-community--gpt2/snapshots/{HUB['gpt2'].revision}"
    assert {file.name for file in fetched.iterdir()} == {*FILES, "tokenizer_config.json"}
    return Image(python, repository, variables)


@pytest.fixture
def jupyter(image: Image, tmp_path: Path) -> Iterator[str]:
    """The address of a Jupyter server that was started as the image's would be, in a folder of no importance."""
    start = image.repository / "binder/start"
    server = [start, image.python, "-m", "jupyter_server", "--no-browser", "--allow-root"]
    options = [f"--ServerApp.root_dir={image.repository}", "--IdentityProvider.token=", "--ServerApp.password="]
    command = [str(word) for word in [*server, *options]]
    with serving(command, tmp_path / "log", folder=tmp_path, environment=image.variables) as running:
        yield running.url


def evaluate(connection: Path, expression: str) -> str:
    """What a Python expression is in a running kernel, by `repr`."""
    client = BlockingKernelClient(connection_file=str(connection))
    client.load_connection_file()
    client.start_channels()
    try:
        reply = client.execute_interactive("", user_expressions={"value": expression}, timeout=60)
    finally:
        client.stop_channels()
    value = reply["content"]["user_expressions"]["value"]
    return value["data"]["text/plain"] if value["status"] == "ok" else f"{value['ename']}: {value['evalue']}"


def test_page_renders_under_a_jupyter_server_with_its_query_string(jupyter: str, tmp_path: Path) -> None:
    """Preheated kernels do not exist there: the query string is in the kernel's environment from the start."""
    with urlopen(urljoin(jupyter, f"/{PATH}?model=distilgpt2"), timeout=120) as response:
        page = response.read().decode()
    assert "<title>Attention Scores Lab</title>" in page
    assert "cdn.jsdelivr.net" not in page
    # The page's script takes MathJax from its own server where it is told of no other.
    assert '"fullMathjaxUrl": null' in page
    assert '"mathjaxConfig": null' in page
    with urlopen(urljoin(jupyter, "/api/kernels"), timeout=60) as response:
        (kernel,) = json.load(response)
    connection = tmp_path / f"jupyter/kernel-{kernel['id']}.json"
    assert evaluate(connection, "__import__('os').environ['QUERY_STRING']") == "'model=distilgpt2'"
    assert evaluate(connection, "lab.state.model") == "'distilgpt2'"
