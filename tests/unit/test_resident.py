"""The one model in memory is used by one at a time, in the order of asking."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest

from core.model import resident
from core.model.resident import Resident

LONG = 20  # seconds


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the models that were loaded."""
    names: list[str] = []

    def load(name: str, _: Any) -> Any:
        names.append(name)
        return SimpleNamespace(facts=SimpleNamespace(name=name))

    monkeypatch.setattr(resident, "load", load)
    monkeypatch.setattr(resident, "model_key", lambda name: name)
    return names


def test_a_model_stays_until_another_one_is_asked_for(loaded: list[str]) -> None:
    holder = Resident()
    for name in ("a", "a", "b", "a"):
        with holder.using(name) as held:
            assert held.loaded.facts.name == name
    assert loaded == ["a", "b", "a"]


def test_who_takes_it_again_at_once_lets_others_through(loaded: list[str]) -> None:
    holder, turns, waits = Resident(), [], threading.Event()

    def ask_once() -> None:
        waits.set()
        with holder.using("a"):
            turns.append("other")

    other = threading.Thread(target=ask_once)
    with holder.using("a"):
        other.start()
        assert waits.wait(LONG)
        time.sleep(0.1)  # until it stands in the queue
    for _ in range(50):
        with holder.using("a"):
            turns.append("same")
    other.join(LONG)
    assert turns.index("other") <= 1


def test_a_failure_lets_it_go(loaded: list[str]) -> None:
    holder = Resident()
    with pytest.raises(RuntimeError), holder.using("a"):
        raise RuntimeError
    with holder.using("a") as held:
        assert held.loaded.facts.name == "a"
