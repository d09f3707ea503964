"""The settings that a question or a task may ask about."""

from __future__ import annotations

from types import SimpleNamespace

from widgets.state import ViewState


def settings_of(state: ViewState) -> SimpleNamespace:
    """What the lab is set to, as far as numbers depend on it."""
    return SimpleNamespace(**{name: getattr(state, name) for name in state.VIEW})
