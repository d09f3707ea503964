"""The layer that comes next is computed and pictured before it is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from core.model.capture import Capture
from core.parts.heads.numbers import heads
from core.parts.softmax.attention_maps import head_maps
from tests.captures import random_capture
from widgets.lab import Lab
from widgets.panel import follower
from widgets.parts.attention_maps import AttentionMapsSection
from widgets.parts.heads import HeadsPart
from widgets.prefetch import PAUSE

LAYERS = 6
Computed = list[int]


@pytest.fixture
def capture() -> Capture:
    return random_capture(layers=LAYERS, heads=2, tokens=8, width=4)


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> Computed:
    """The layers that part 3 has computed."""
    layers: Computed = []
    compute = HeadsPart.compute

    def note(self: HeadsPart, capture: Capture, settings: Any, progress: Any) -> Any:
        layers.append(settings.layer)
        return compute(self, capture, settings, progress)

    monkeypatch.setattr(HeadsPart, "compute", note)
    return layers


def in_a_loop(lab: Lab, *layers: int, then: Callable[[], None] = lambda: None) -> None:
    """Goes through layers as a hand does, with time to think after each."""

    async def go() -> None:
        for layer in layers:
            lab.state.layer = layer
            await asyncio.sleep(2 * PAUSE)
        then()

    asyncio.run(go())


def open_lab(capture: Capture, part: str) -> Lab:
    lab = Lab(capture=capture)
    lab.state.layer = 0
    getattr(lab, part).visible = True
    return lab


def test_a_hand_finds_the_layers_ahead_of_it_computed(capture: Capture, computed: Computed) -> None:
    lab = open_lab(capture, "heads")
    computed.clear()
    in_a_loop(lab, 1, 2, 3)
    assert computed == [1, 2, 3, 4]  # the first when it was asked for, each other before
    np.testing.assert_array_equal(lab.heads.result.heads, heads(capture, 3).heads)


def test_a_hand_that_turns_back_gets_its_own_layer(capture: Capture, computed: Computed) -> None:
    lab = open_lab(capture, "heads")
    in_a_loop(lab, 1, 2, 1)
    np.testing.assert_array_equal(lab.heads.result.heads, heads(capture, 1).heads)
    assert computed[-2:] == [1, 0]
    in_a_loop(lab, LAYERS - 1)
    assert computed[-1] == LAYERS - 1  # nothing is ahead of the last


def test_what_was_made_ahead_is_not_shown_for_another_text(capture: Capture) -> None:
    lab = open_lab(capture, "heads")
    other = random_capture(layers=LAYERS, heads=2, tokens=8, width=4, seed=1)
    in_a_loop(lab, 1, 2, then=lambda: lab.runner.show(other))
    in_a_loop(lab, 3)
    np.testing.assert_array_equal(lab.heads.result.heads, heads(other, 3).heads)


def test_pictures_are_made_ahead_too(capture: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    lab = open_lab(capture, "attention_maps")
    in_a_loop(lab, 1, 2)
    assert isinstance(lab.attention_maps, AttentionMapsSection)
    for chart in lab.attention_maps.maps.values():
        monkeypatch.setattr(chart, "_png", None)  # nothing is left to be done
    lab.state.layer = 3
    chart = lab.attention_maps.maps["scaled"]
    alone = open_lab(capture, "attention_maps")
    alone.state.layer = 3
    expected = alone.attention_maps.maps["scaled"]
    assert chart.picture.mark.image.value == expected.picture.mark.image.value
    np.testing.assert_array_equal(lab.attention_maps.result.raw, head_maps(capture, 3, 0).raw)


def test_what_takes_long_keeps_nobody_waiting(
    capture: Capture, computed: Computed, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = open_lab(capture, "heads")
    monkeypatch.setattr(follower, "MOMENT", 0.0)
    computed.clear()
    in_a_loop(lab, 1, 2)
    assert computed == [1, 2]


def test_what_takes_longer_is_made_ahead_after_as_long_a_rest(
    capture: Capture, computed: Computed, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = open_lab(capture, "heads")
    monkeypatch.setattr(HeadsPart, "preparation", 4 * PAUSE)
    computed.clear()
    in_a_loop(lab, 1, 2)
    assert computed == [1, 2], "the hand did not rest so long"
    in_a_loop(lab, 3, 3, 3, 3)
    assert computed == [1, 2, 3, 4]


def test_nothing_is_made_ahead_for_a_part_that_nobody_sees(capture: Capture, computed: Computed) -> None:
    lab = open_lab(capture, "attention_maps")
    in_a_loop(lab, 1, 2)
    assert computed == []
