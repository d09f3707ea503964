"""Pin and compare: what A keeps, what follows, what is drawn where, and that nothing is left of it."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from ipywidgets import Widget
from ipywidgets.widgets.widget import _instances

from tests.captures import random_capture
from tests.differences import DIFFERENCES
from tests.widgets.panels import line_of, words_of
from widgets.compare.differences import NOTHING, SAME, difference_of
from widgets.lab import Lab
from widgets.panel.panel import Panel
from widgets.theme import DARK, LIGHT

PARTS = (
    "tokens overview head_view heads head_pairs first_token raw_scores raw_scores_by_layer distributions attention "
    "attention_maps attention_text softmax_by_layer average_order averaging entropy"
).split()
"""Those that can differ between two views: parts 1 and 7's mask and the means of means know no text."""


@pytest.fixture
def lab() -> Lab:
    return Lab(capture=random_capture(layers=6, heads=4, tokens=8, width=4))


def look(lab: Lab, *names: str) -> None:
    """What the page says when these parts, their twins and their differences are on screen."""
    for ending in ("", "_pinned", "_difference"):
        lab.browser.visible = [*lab.browser.visible, *(name + ending for name in names)]


def pinned(lab: Lab, name: str) -> Any:
    """A part's twin, or its difference."""
    (panel,) = (panel for panel in lab.comparison.panels if panel.name == name)
    return panel


def below(widget: Widget) -> list[Widget]:
    children = getattr(widget, "children", ())
    return [widget, *(found for child in children for found in below(child))]


def test_a_keeps_its_layer_and_its_capture_while_b_moves_on(lab: Lab) -> None:
    lab.state.layer = 1
    look(lab, "raw_scores")
    lab.pin()
    look(lab, "raw_scores")
    lab.state.layer = 4
    assert lab.raw_scores.result.layer == 4
    assert pinned(lab, "raw_scores_pinned").result.layer == 1
    lab.runner.show(random_capture(layers=3, heads=2, tokens=5, width=4, seed=1))
    assert len(lab.raw_scores.result.within.values) == 2 * 3
    assert len(pinned(lab, "raw_scores_pinned").result.within.values) == 4 * 6


def test_every_other_setting_of_a_follows_b(lab: Lab) -> None:
    look(lab, "raw_scores", "distributions")
    lab.pin()
    look(lab, "raw_scores", "distributions")
    lab.state.skip_first = False
    lab.state.causal = True
    assert pinned(lab, "raw_scores_pinned").result.first_key == 0
    assert pinned(lab, "distributions_pinned").result.causal
    assert lab.comparison.pinned is not None
    assert lab.comparison.pinned.state.layer == lab.state.layer


def test_every_part_that_can_differ_has_a_twin_below_its_numbers(lab: Lab) -> None:
    lab.pin()
    look(lab, *(panel.name for panel in lab.panels))
    assert [panel.name for panel in lab.comparison.panels] == [f"{name}_pinned" for name in PARTS]
    for panel in lab.panels:
        children = panel.widget.children
        twins = children[children.index(panel._numbers) + 1].children
        assert len(twins) == (panel.name in PARTS), panel.name
        assert all("lab-pinned" in twin._dom_classes for twin in twins)


def test_a_has_charts_and_numbers_and_no_words_and_no_controls(lab: Lab) -> None:
    look(lab, "raw_scores")
    lab.pin()
    look(lab, "raw_scores")
    twin = pinned(lab, "raw_scores_pinned")
    shown = below(twin.widget)
    assert twin.scores.widget in shown
    assert words_of(twin._numbers) == words_of(lab.raw_scores._numbers)
    classes = {name for one in shown for name in one._dom_classes}
    assert not classes & {"lab-words", "lab-controls", "lab-exercises"}


def test_the_maps_of_a_keep_the_words_on_the_cell_that_is_pointed_at(lab: Lab) -> None:
    lab.state.query, lab.state.key = 5, 2
    look(lab, "attention_maps")
    lab.pin()
    look(lab, "attention_maps")
    lab.state.key = 3
    twin = pinned(lab, "attention_maps_pinned")
    assert "on key 2" in words_of(twin.cell)
    assert "on key 3" in words_of(lab.attention_maps.cell)
    assert {twin.cell, twin.chain} <= set(below(twin.widget))


def test_only_what_is_on_screen_is_made_and_drawn(lab: Lab) -> None:
    lab.browser.visible = ["heads"]
    lab.pin()
    assert [panel.name for panel in lab.comparison.panels] == ["heads_pinned"]
    assert not pinned(lab, "heads_pinned")._built
    lab.browser.visible = ["averaging", "heads", "heads_pinned"]
    assert pinned(lab, "heads_pinned")._built
    assert not pinned(lab, "averaging_pinned")._built


def test_both_have_the_same_scales(lab: Lab) -> None:
    look(lab, "raw_scores", "heads")
    lab.pin()
    look(lab, "raw_scores", "heads")
    twin = pinned(lab, "raw_scores_pinned")
    lab.runner.show(random_capture(layers=6, heads=4, tokens=8, width=4, spread=4.0, seed=1))
    for mine, live in zip(twin.charts, lab.raw_scores.charts, strict=True):
        for scale in ("x_scale", "y_scale"):
            ends = [(getattr(chart, scale).min, getattr(chart, scale).max) for chart in (mine, live)]
            assert ends[0] == ends[1]
    assert twin.scores.y_scale.max > np.abs(twin.result.across.values).max() * 2  # B's are larger by far
    lab.state.activation_fit = True
    high = lab.heads.grid.bar.high.text[0]
    assert pinned(lab, "heads_pinned").grid.bar.high.text[0] == high
    lab.unpin()
    lab.runner.show(random_capture(layers=6, heads=4, tokens=8, width=4))
    assert lab.heads.grid.bar.high.text[0] != high


def test_a_part_that_had_nothing_to_show_when_it_was_pinned_shares_its_scales_later(lab: Lab) -> None:
    lab.state.query = 0
    look(lab, "raw_scores")
    lab.pin()
    assert lab.comparison.pinned is not None
    look(lab, "raw_scores")
    lab.comparison.pinned.state.query = 7
    lab.state.query = 4
    twin = pinned(lab, "raw_scores_pinned")
    assert twin.scores.y_scale.max == lab.raw_scores.scores.y_scale.max


def test_captions_say_what_is_pinned_escaped(lab: Lab) -> None:
    capture = random_capture(layers=6, heads=4, tokens=8, width=4)
    lab.runner.show(replace(capture, text="<b>Purple</b> is a colour of many words and shades"))
    lab.state.layer, lab.state.head = 3, 2
    look(lab, "raw_scores", "attention_maps")
    lab.pin()
    look(lab, "raw_scores", "attention_maps")
    lab.state.layer = 5
    caption = pinned(lab, "raw_scores_pinned").caption
    assert "<b>Purple" not in caption.value
    assert words_of(caption) == "A pinned: layer 3, query token 7 · “<b>Purple</b> is a colour of many w…” · random"
    maps = words_of(pinned(lab, "attention_maps_pinned").caption)
    assert maps.startswith("A pinned: layer 3, head 2, query token 7, key token 0")
    assert "layer 3, head 2" in words_of(lab.comparison.words)


def test_a_click_on_a_chart_of_a_moves_a_alone(lab: Lab) -> None:
    look(lab, "softmax_by_layer")
    lab.pin()
    look(lab, "softmax_by_layer")
    twin = pinned(lab, "softmax_by_layer_pinned")
    twin.maps[0].widget.interaction._handle_custom_msg({"event": "click", "domain": {"x": 0.5, "y": 5}}, [])
    assert lab.comparison.pinned is not None
    assert (lab.comparison.pinned.state.layer, lab.state.layer) == (5, 1)
    assert "layer 5" in words_of(lab.comparison.words)


def test_the_theme_of_a_is_the_page_s(lab: Lab) -> None:
    look(lab, "raw_scores")
    lab.pin()
    look(lab, "raw_scores")
    twin = pinned(lab, "raw_scores_pinned")
    assert twin.scores.theme == LIGHT
    lab.state.theme = "dark"
    assert twin.scores.theme == DARK


def test_the_button_pins_and_unpins_and_the_strip_is_there_meanwhile(lab: Lab) -> None:
    button = lab.comparison.button
    assert button in below(lab.bar.widget)
    assert lab.comparison.strip is None
    button.click()
    assert button.description == "Unpin"
    assert lab.comparison.strip in lab.bar.widget.children
    assert "lab-away" not in lab.comparison.strip._dom_classes
    button.click()
    assert button.description == "Pin as A"
    assert "lab-away" in lab.comparison.strip._dom_classes
    button.click()
    assert lab.bar.widget.children.count(lab.comparison.strip) == 1


def test_what_a_has_for_itself_is_told_as_it_changes(lab: Lab) -> None:
    told: list[dict[str, Any]] = []
    lab.comparison.observe(lambda change: told.append(change.new), "own")
    lab.pin()
    assert lab.comparison.pinned is not None
    lab.comparison.pinned.state.layer = 4
    lab.unpin()
    first = {"text": "word " * 8, "model": "random", "experiment": "", "layer": 1, "head": 0, "query": 7, "key": 0}
    assert told == [first, {**first, "layer": 4}, {}]


def test_pinning_again_takes_the_present_view(lab: Lab) -> None:
    lab.state.layer = 1
    look(lab, "raw_scores")
    lab.pin()
    lab.state.layer = 4
    lab.pin()
    look(lab, "raw_scores")
    assert pinned(lab, "raw_scores_pinned").result.layer == 4


def test_nothing_is_left_after_unpinning(lab: Lab) -> None:
    names = [panel.name for panel in lab.panels]
    look(lab, *names)
    lab.pin()  # makes the strip, which stays
    lab.unpin()
    lab.browser.visible = names
    widgets, observers = set(_instances), count_observers(lab)
    listeners = [list(panel.listeners) for panel in lab.panels]
    lab.state.difference = True
    lab.pin()
    look(lab, *names)
    lab.runner.show(random_capture(layers=6, heads=4, tokens=8, width=4, seed=1))
    made = [weakref.ref(panel) for panel in lab.comparison.panels]
    assert len(made) == len(PARTS) + len(DIFFERENCES)
    assert all(panel()._built for panel in made)
    lab.unpin()
    # A map that is drawn anew, on its own scale, has another picture in the old one's place.
    assert len(_instances) == len(widgets)
    assert count_observers(lab) == observers
    assert [panel.listeners for panel in lab.panels] == listeners
    assert not any("lab-paired" in panel.widget._dom_classes for panel in lab.panels)
    assert lab.comparison.panels == []
    gc.collect()
    assert not any(panel() for panel in made)


def count_observers(lab: Lab) -> int:
    return sum(len(handlers) for kinds in lab.state._trait_notifiers.values() for handlers in kinds.values())


def test_differences_are_there_when_they_are_wanted_and_only_in_parts_that_have_one(lab: Lab) -> None:
    look(lab, *PARTS)
    lab.pin()
    look(lab, *PARTS)
    twins = len(lab.comparison.panels)
    lab.state.difference = True
    names = {panel.name for panel in lab.comparison.panels[twins:]}
    assert names == {
        f"{name}_difference"
        for name in (
            "raw_scores raw_scores_by_layer distributions attention attention_maps softmax_by_layer entropy"
        ).split()
    }
    for name in DIFFERENCES:
        assert pinned(lab, f"{name}_difference").widget in below(pinned(lab, f"{name}_pinned").widget)
    lab.state.difference = False
    assert len(lab.comparison.panels) == twins


def compared(lab: Lab, name: str, capture: Any = None, **settings: Any) -> Any:
    """The difference of a part, after B has changed."""
    look(lab, name)
    lab.pin()
    lab.state.difference = True
    look(lab, name)
    if capture is not None:
        lab.runner.show(capture)
    for setting, value in settings.items():
        setattr(lab.state, setting, value)
    return pinned(lab, f"{name}_difference")


def test_the_difference_is_drawn_as_b_minus_a(lab: Lab) -> None:
    part = compared(lab, "attention", layer=4)
    a, b = pinned(lab, "attention_pinned").result, lab.attention.result
    edges = np.linspace(0, 1, 91)
    for row, name in enumerate(("final_to_previous", "self_attention")):
        densities = [np.histogram(getattr(side, name).values, edges, density=True)[0] for side in (a, b)]
        x, y = line_of(part.picture.lines.lines[row])
        np.testing.assert_allclose(x, (edges[:-1] + edges[1:]) / 2, atol=1e-6)
        np.testing.assert_allclose(y, densities[1] - densities[0], atol=1e-4)


def test_the_difference_follows_either_side(lab: Lab) -> None:
    part = compared(lab, "raw_scores", layer=4)
    first = part.result
    lab.state.layer = 5
    second = part.result
    assert lab.comparison.pinned is not None
    lab.comparison.pinned.state.layer = 0
    assert first is not second is not part.result
    assert words_of(part._numbers).startswith("To make B's distribution of A's")


@pytest.mark.parametrize("name", list(DIFFERENCES))
def test_two_equal_views_have_no_difference(lab: Lab, name: str) -> None:
    part = compared(lab, name)
    assert words_of(part._notice).strip() == SAME
    lab.runner.show(random_capture(layers=6, heads=4, tokens=8, width=4, seed=3))
    assert part._notice.value == ""
    assert part.result is not None


@pytest.mark.parametrize("name", ["distributions", "softmax_by_layer"])
def test_two_models_with_other_layers_stand_side_by_side_with_the_reason(lab: Lab, name: str) -> None:
    part = compared(lab, name, random_capture(layers=3, heads=2, tokens=8, width=4))
    assert "A has 6 layers and B has 3" in words_of(part._notice)
    assert pinned(lab, f"{name}_pinned").result is not None


def test_part_5_compares_means_of_models_with_other_layers(lab: Lab) -> None:
    part = compared(lab, "raw_scores_by_layer", random_capture(layers=3, heads=2, tokens=8, width=4))
    assert part._notice.value == ""
    assert all("lab-away" in chart.widget._dom_classes for chart in part.picture.maps.maps)
    assert np.abs(line_of(part.picture.lines.lines.lines[0])[1]).max() > 0
    lab.runner.show(random_capture(layers=6, heads=2, tokens=8, width=4))
    assert not any("lab-away" in chart.widget._dom_classes for chart in part.picture.maps.maps)


def test_maps_of_texts_of_other_lengths_stand_side_by_side_with_the_reason(lab: Lab) -> None:
    part = compared(lab, "attention_maps", random_capture(layers=6, heads=4, tokens=9, width=4))
    assert "A has 8 tokens and B has 9" in words_of(part._notice)


def test_no_values_on_one_side_is_said(lab: Lab) -> None:
    part = compared(lab, "raw_scores", query=4)
    assert part._notice.value == ""
    lab.state.query = 0
    assert words_of(part._notice).strip() == NOTHING
    lab.state.query = 5
    assert part._notice.value == ""


def test_a_part_alone_in_a_notebook_can_be_pinned_too(lab: Lab) -> None:
    widget = lab.raw_scores.with_controls()
    look(lab, "raw_scores")
    lab.pin()
    look(lab, "raw_scores")
    assert pinned(lab, "raw_scores_pinned").widget in below(widget)
    assert isinstance(pinned(lab, "raw_scores_pinned"), Panel)


def test_of_the_differences_one_counts_the_model_anew_and_shows_how_far_it_is(lab: Lab) -> None:
    kinds = {panel.name: difference_of(type(panel)) for panel in lab.panels}
    assert [name for name, kind in kinds.items() if kind is not None and kind.slow] == ["distributions"]
