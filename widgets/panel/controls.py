"""A trait of the state as a labelled control with the trait's bounds."""

from __future__ import annotations

from math import log2
from typing import Any

import traitlets
from ipywidgets import (
    Button,
    Checkbox,
    FloatLogSlider,
    FloatSlider,
    IntRangeSlider,
    IntSlider,
    Textarea,
    ToggleButtons,
    Widget,
)

from widgets.state import ViewState


def control(state: ViewState, name: str, **options: Any) -> Widget:
    """A slider for a number, a check box for a switch, buttons for a choice, a box for a text, linked both ways.

    The label is the trait's `help`; `options` go to the widget and win over it.
    """
    trait: Any = state.traits()[name]
    options = {"description": trait.help, **options}
    value = getattr(state, name)
    if isinstance(trait, traitlets.Bool):
        widget = Checkbox(value=value, indent=False, **options)
    elif isinstance(trait, traitlets.Enum):
        choices = list(zip(trait.metadata["words"], trait.values or (), strict=True))
        widget = ToggleButtons(options=choices, value=value, **options)
    elif isinstance(trait, traitlets.Unicode):
        widget = Textarea(value=value, continuous_update=False, rows=3, **options)
    elif isinstance(trait, traitlets.Float) and trait.metadata["logarithmic"]:
        ends = {"min": log2(trait.min), "max": log2(trait.max), "step": trait.metadata["step"]}
        widget = FloatLogSlider(value=value, base=2, **ends, **options)
    elif isinstance(trait, traitlets.Float):
        widget = FloatSlider(value=value, min=trait.min, max=trait.max, step=trait.metadata["step"], **options)
    else:
        low, high = state.bounds(name)
        widget = IntSlider(value=value, min=low, max=high, **options)
        if name in state.BELOW:

            def bound(_: Any) -> None:
                high = state.bounds(name)[1]
                if widget.value > high:  # the slider would clamp itself, and tell the state
                    widget.value = getattr(state, name)
                widget.max = high

            # Registered before the link, so that the bound has grown when a greater value arrives.
            state.observe(bound, state.BELOW[name])
    traitlets.link((state, name), (widget, "value"))
    return widget.add_class(f"lab-control-{name.replace('_', '-')}")


def span(state: ViewState, low: str, high: str, label: str) -> IntRangeSlider:
    """One slider with two handles for two traits, the lower bounded by the higher."""
    bottom, top = state.bounds(low)[0], state.bounds(high)[1]
    pair = (getattr(state, low), getattr(state, high))
    widget = IntRangeSlider(value=pair, min=bottom, max=top, description=label)

    def to_state(change: Any) -> None:
        with state.hold_trait_notifications():
            setattr(state, high, max(change.new[1], bottom + 1))
            setattr(state, low, min(change.new[0], getattr(state, high) - 1))

    def to_widget(_: Any) -> None:
        widget.value = (getattr(state, low), getattr(state, high))

    widget.observe(to_state, "value")
    state.observe(to_widget, [low, high])
    return widget.add_class(f"lab-control-{low.replace('_', '-')}")


def again(state: ViewState, name: str, label: str) -> Button:
    """A button that goes on to the trait's next value, and from the last one to the first."""
    low, high = state.bounds(name)
    button = Button(description=label)

    def step(_: Button) -> None:
        value = getattr(state, name)
        setattr(state, name, low if value == high else value + 1)

    button.on_click(step)
    return button.add_class(f"lab-control-{name.replace('_', '-')}")
