"""A part: when it computes, when it draws, and what it says when it cannot."""

import asyncio
import logging
import threading
from typing import Any

import pytest
from ipywidgets import Label

from core.progress import Progress
from tests.captures import random_capture
from tests.widgets.panels import words_of
from widgets.lab import Lab
from widgets.panel.closing import close
from widgets.panel.panel import FAILED, NoValues, Panel
from widgets.theme import DARK, LIGHT, Theme


class Chart:
    """Stands in for a chart: remembers the theme."""

    note = ""
    theme: Theme | None = None

    def __init__(self) -> None:
        self.widget = Label()

    def apply(self, theme: Theme) -> None:
        self.theme = theme


class Part(Panel):
    """Counts its work; fails or has nothing to show for some layers."""

    name = "part"
    title = "A part"
    words = "<p>Words.</p>"
    controls = ("layer",)
    computed_from = ("layer",)
    drawn_from = ("causal",)
    marked_from = ("head",)

    def __init__(self, *arguments: Any):
        self.log: list[Any] = []
        super().__init__(*arguments)

    def build(self) -> None:
        self.log.append("build")
        self.chart = Chart()
        self.row(self.chart)

    def compute(self, capture: Any, settings: Any, progress: Progress) -> int:
        self.log.append(("compute", settings.layer))
        if settings.layer == 1:
            raise NoValues("Nothing <here>.")
        if settings.layer == 2:
            raise RuntimeError("broken")
        return settings.layer

    def draw(self, result: int, settings: Any) -> None:
        self.log.append(("draw", result, settings.causal))

    def mark(self, settings: Any) -> None:
        self.log.append(("mark", settings.head))

    def numbers(self, result: int, settings: Any) -> str:
        return f"Layer <{result}>."


class SlowPart(Part):
    slow = True
    gate: threading.Event

    def compute(self, capture: Any, settings: Any, progress: Progress) -> int:
        progress(0.5)
        self.gate.wait(10)
        return super().compute(capture, settings, progress)


@pytest.fixture
def lab() -> Lab:
    return Lab(capture=random_capture(layers=6, heads=4, tokens=8, width=4))


@pytest.fixture
def part(lab: Lab) -> Part:
    part = Part(lab.session)
    lab.state.layer = 0
    return part


def classes(part: Panel) -> set[str]:
    return set(part._figure._dom_classes)


def test_off_screen_it_does_nothing_at_all(lab: Lab, part: Part) -> None:
    lab.state.layer = 4
    lab.runner.show(random_capture(layers=3, heads=2, tokens=5, width=4))
    assert part.log == []


def test_comes_into_view_and_catches_up_once(lab: Lab, part: Part) -> None:
    part.visible = True
    assert part.log == [("compute", 0), "build", ("draw", 0, False), ("mark", 0)]
    part.log.clear()
    part.visible = False
    lab.state.layer = 4
    lab.state.layer = 5
    part.visible = True
    assert part.log == [("compute", 5), ("draw", 5, False), ("mark", 0)]


def test_nothing_happens_when_nothing_has_changed(lab: Lab, part: Part) -> None:
    part.visible = True
    part.log.clear()
    part.refresh()
    lab.state.mask_size = 7
    part.visible = False
    part.visible = True
    assert part.log == []


def test_a_setting_of_the_picture_does_not_compute_and_one_of_a_mark_does_not_draw(lab: Lab, part: Part) -> None:
    part.visible = True
    part.log.clear()
    lab.state.causal = True
    assert part.log == [("draw", 0, True), ("mark", 0)]
    part.log.clear()
    lab.state.head = 3
    assert part.log == [("mark", 3)]


def test_computes_with_no_setting_that_it_has_not_named(lab: Lab, part: Part) -> None:
    part.compute = lambda capture, settings, progress: settings.sigma
    part.visible = True
    assert words_of(part._notice).strip() == FAILED


def test_a_new_capture_is_drawn_though_the_settings_are_the_same(lab: Lab, part: Part) -> None:
    part.visible = True
    part.log.clear()
    lab.runner.show(random_capture(layers=6, heads=4, tokens=8, width=4, seed=1))
    assert part.log == [("compute", 0), ("draw", 0, False), ("mark", 0)]


def test_says_its_numbers_escaped(part: Part) -> None:
    part.visible = True
    assert part._numbers.value == "<p>Layer &lt;0&gt;.</p>"


def test_without_values_it_says_so_in_the_charts_place_and_comes_back(lab: Lab, part: Part) -> None:
    part.visible = True
    lab.state.layer = 1
    assert "Nothing &lt;here&gt;." in part._notice.value
    assert "lab-away" in classes(part)
    assert part._numbers.value == ""
    lab.state.layer = 3
    assert part._notice.value == ""
    assert "lab-away" not in classes(part)
    assert part.log[-2:] == [("draw", 3, False), ("mark", 0)]


def test_an_error_is_one_sentence_and_a_log_entry_and_stays_from_the_setter(
    lab: Lab, part: Part, caplog: pytest.LogCaptureFixture
) -> None:
    part.visible = True
    with caplog.at_level(logging.ERROR):
        lab.state.layer = 2
    assert words_of(part._notice).strip() == FAILED
    assert "broken" in caplog.text
    assert "broken" not in part._notice.value
    assert lab.state.layer == 2


def test_an_error_while_drawing_is_caught_too(lab: Lab, part: Part, monkeypatch: pytest.MonkeyPatch) -> None:
    part.visible = True
    with monkeypatch.context() as patch:
        patch.setattr(part, "draw", lambda *_: 1 / 0)
        lab.state.layer = 4
        assert words_of(part._notice).strip() == FAILED
    lab.state.layer = 5
    assert part._notice.value == ""


def test_charts_take_the_theme_when_they_are_made_and_when_it_changes(lab: Lab, part: Part) -> None:
    part.visible = True
    assert part.chart.theme == LIGHT
    part.apply(DARK)
    assert part.chart.theme == DARK


def test_controls_are_those_of_the_named_traits(lab: Lab, part: Part) -> None:
    (controls,) = (child for child in part.widget.children if "lab-controls" in child._dom_classes)
    (layer,) = controls.children
    layer.value = 4
    assert lab.state.layer == 4


def test_a_slow_part_keeps_its_picture_while_it_is_busy_and_drops_what_is_superseded(lab: Lab) -> None:
    async def scenario() -> SlowPart:
        part = SlowPart(lab.session)
        lab.state.layer = 0
        part.gate = threading.Event()
        part.gate.set()
        part.visible = True
        while not part._numbers.value:
            await asyncio.sleep(0.01)
        part.gate.clear()
        part.log.clear()
        lab.state.layer = 3
        lab.state.layer = 4
        lab.state.causal = True  # belongs to the picture that is to come
        await asyncio.sleep(0.05)
        assert "lab-busy" in part.widget._dom_classes
        assert part._numbers.value == "<p>Layer &lt;0&gt;.</p>"
        assert "lab-away" not in classes(part)
        part.gate.set()
        while "lab-busy" in part.widget._dom_classes:
            await asyncio.sleep(0.01)
        return part

    part = asyncio.run(asyncio.wait_for(scenario(), 20))
    assert [entry for entry in part.log if entry[0] == "draw"] == [("draw", 4, True)]
    assert part._numbers.value == "<p>Layer &lt;4&gt;.</p>"


def test_a_slow_part_that_fails_says_so(lab: Lab) -> None:
    part = SlowPart(lab.session)
    part.gate = threading.Event()
    part.gate.set()
    lab.state.layer = 2
    part.visible = True
    assert words_of(part._notice).strip() == FAILED
    assert "lab-busy" not in part.widget._dom_classes


def test_alone_it_brings_the_controls_of_the_bar_that_it_follows(lab: Lab) -> None:
    part = Part(lab.session)
    part.controls = ()
    controls, panel = part.with_controls().children
    assert panel is part.widget
    assert [widget.description for widget in controls.children] == ["Layer", "Head"]
    controls.children[1].value = 3
    assert lab.state.head == 3


def test_widgets_of_others_stand_around_its_own_where_they_are_put(part: Part) -> None:
    early, over, late, instead = Label(), Label(), Label(), Label()
    part.put("top", early)
    part.put("charts", over)
    heading, *_ = rest = part.widget.children[1:]
    assert part.widget.children[0] is early
    assert "lab-heading" in heading._dom_classes
    part.put("numbers", late)
    part.put("numbers", instead)
    part.put("foot", late)
    assert part.widget.children == (early, *rest, late), "a view that stands below would be made anew"
    assert rest[-1].children == (instead,)
    (place,) = (child for child in rest if "lab-place" in child._dom_classes)
    assert place.children[-1] is over
    part.put("charts")
    assert over not in place.children
    assert set(part.guests) == {early, instead, late}


def test_closed_it_closes_what_it_has_made_and_leaves_the_widgets_of_others(part: Part) -> None:
    guest = Label()
    part.put("foot", guest)
    part.visible = True
    own = [part.widget, part.chart.widget, *part.widget.children[:-1]]
    close(part)
    assert all(widget.comm is None for widget in own)
    assert guest.comm is not None


def test_of_the_study_s_parts_alone_it_knows_a_number(lab: Lab, part: Part) -> None:
    assert part.number is None
    assert [getattr(lab, name).number for name in ("scaling", "averaging", "group_means")] == [1, 9, None]


def test_those_who_listen_hear_of_what_is_drawn_anew_and_of_its_coming_into_view(lab: Lab, part: Part) -> None:
    heard: list[Any] = []
    part.listeners.append(lambda: heard.append(part.result))
    part.visible = True
    assert heard[-1] == 0
    heard.clear()
    lab.state.head = 3  # moves a mark
    assert heard == []
    lab.state.layer = 4
    assert heard == [4]
    part.visible = False
    part.visible = True
    assert heard == [4, 4]
    lab.state.layer = 1
    assert heard == [4, 4, None]
