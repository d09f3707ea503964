"""The settings for one machine and for Kubernetes: names that JupyterHub knows, and the same bounds in both."""

from typing import Any

import pytest
import yaml
from jupyterhub.app import JupyterHub
from jupyterhub.auth import Authenticator
from jupyterhub.authenticators.shared import SharedPasswordAuthenticator
from jupyterhub.spawner import Spawner
from systemdspawner import SystemdSpawner
from traitlets.config import Config, PyFileConfigLoader

from tests.bench import results
from tests.serving import ROOT

HUB = ROOT / "binder/hub"
CLASSES = (JupyterHub, Authenticator, SharedPasswordAuthenticator, Spawner, SystemdSpawner)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Config:
    """jupyterhub_config.py, which extends the path."""
    monkeypatch.setenv("PATH", "/bin")
    monkeypatch.setenv("HUB_PASSWORD", "the whole class")
    return PyFileConfigLoader("jupyterhub_config.py", path=str(HUB)).load_config()


@pytest.fixture
def kubernetes() -> dict[str, Any]:
    return yaml.safe_load((HUB / "values.yaml").read_text())


def test_every_setting_is_one_that_jupyterhub_knows(machine: Config) -> None:
    known = {each.__name__: set(each.class_trait_names(config=True)) for each in CLASSES}
    assert set(machine) == set(known)
    for name, settings in machine.items():
        assert set(settings) <= known[name]


def test_both_give_a_learner_the_same(machine: Config, kubernetes: dict[str, Any]) -> None:
    server = kubernetes["singleuser"]
    assert server["defaultUrl"] == machine.Spawner.default_url
    assert server["memory"]["limit"] == machine.Spawner.mem_limit
    assert server["cpu"]["limit"] == machine.Spawner.cpu_limit
    assert server["startTimeout"] == machine.Spawner.start_timeout
    assert kubernetes["hub"]["config"]["JupyterHub"]["authenticator_class"] == machine.JupyterHub.authenticator_class


def test_what_a_server_is_promised_holds_it_and_a_kernel(kubernetes: dict[str, Any]) -> None:
    rows = results.read()["rows"]
    promised = kubernetes["singleuser"]["memory"]["guarantee"]
    assert promised.endswith("M")
    assert int(promised[:-1]) >= sum(rows[key]["value"] for key in ("hub-server", "kernel-pss") if key in rows)


def test_both_end_idle_servers_at_the_same_time(machine: Config, kubernetes: dict[str, Any]) -> None:
    (culler,) = machine.JupyterHub.services
    assert culler["command"][-1] == f"--timeout={kubernetes['cull']['timeout']}"
    (role,) = machine.JupyterHub.load_roles
    assert role["services"] == [culler["name"]]


@pytest.mark.parametrize("name", ["learner1", "learner42", "learner100"])
def test_a_seat_may_log_in(machine: Config, name: str) -> None:
    assert Authenticator(config=machine).validate_username(name)


@pytest.mark.parametrize("name", ["", "nginx", "learner", "learner1000", "learner1/..", "learner1\n", "alearner1"])
def test_a_name_that_could_be_a_system_folders_may_not(machine: Config, name: str) -> None:
    """Each learner's home is the folder of that name in /var/lib."""
    assert not Authenticator(config=machine).validate_username(name)
