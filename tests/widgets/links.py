"""States, and labs whose runs are quick and known: for tests of links."""

from dataclasses import replace
from typing import Any

import pytest

from core.model.catalogue import SHIPPED
from core.model.texts import DEFAULT_TEXT
from tests.captures import random_capture
from widgets import runner as runner_module
from widgets.lab import Lab
from widgets.state import ViewState

RAN: list[tuple[str, str]] = []
"""Texts and models that were run."""


def made_lab(monkeypatch: pytest.MonkeyPatch) -> Lab:
    """Of 6 layers; gpt2 has 12, a text one token a letter, and “broken” cannot be run."""

    def run(_: Any, text: str, model: str, intervention: Any, key: str | None, report: Any) -> runner_module.Ran:
        RAN.append((text, model))
        if "broken" in text:
            raise runner_module.NoText
        made = random_capture(layers=12 if model == "gpt2" else 6, heads=4, tokens=len(text), width=4)
        made = replace(made, text=text, model=replace(made.model, name=model), intervention=intervention)
        return runner_module.Ran(made, key)

    RAN.clear()
    monkeypatch.setattr(runner_module.Runner, "_work", run)
    made = random_capture(layers=6, heads=4, tokens=8, width=4)
    return Lab(capture=replace(made, text="A short.", model=replace(made.model, name=SHIPPED)))


def shown(lab: Lab) -> tuple[str, str, int, int]:
    """Text, model, layer and query token."""
    capture = lab.runner.capture
    assert capture is not None
    return capture.text, capture.model.name, lab.state.layer, lab.state.query


def address(lab: Lab) -> str:
    assert lab.link.query is not None
    return lab.link.query


def fresh() -> ViewState:
    state = ViewState(text=DEFAULT_TEXT, model=SHIPPED)
    state.fit(layers=8, heads=6, tokens=149)
    return state


def values_of(state: ViewState) -> dict[str, Any]:
    return {name: getattr(state, name) for name in state.settings}
