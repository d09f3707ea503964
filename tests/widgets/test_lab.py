"""The lab: what it opens with, its page, and what the browser tells it."""

import re
from dataclasses import replace
from html import escape
from typing import Any

import pytest
from ipywidgets import Widget

from core.model.capture import Capture
from core.model.catalogue import SHIPPED
from core.model.texts import DEFAULT_TEXT, SAMPLES
from core.parts import PARTS
from tests.captures import random_capture
from tests.widgets.panels import words_of
from widgets import runner as runner_module
from widgets.lab import Lab
from widgets.page.bar import facts
from widgets.page.browser import style_sheet
from widgets.theme import DARK, LIGHT


@pytest.fixture
def capture() -> Capture:
    return random_capture(layers=6, heads=4, tokens=8, width=4)


@pytest.fixture
def lab(capture: Capture) -> Lab:
    return Lab(capture=capture)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What the runner is asked to run; nothing is."""
    runs: list[tuple[str, str]] = []

    def run(self: Any, _: object = None) -> None:
        if self.capture is None or (self.capture.text, self.capture.model.name) != (self.state.text, self.state.model):
            runs.append((self.state.text, self.state.model))

    monkeypatch.setattr(runner_module.Runner, "run", run)
    return runs


def below(widget: Widget) -> list[Widget]:
    children = getattr(widget, "children", ())
    return [widget, *(found for child in children for found in below(child))]


def test_opens_with_the_stored_capture_of_the_default_text(asked: list[Any]) -> None:
    lab = Lab()
    assert (lab.state.text, lab.state.model) == (DEFAULT_TEXT, SHIPPED)
    assert lab.runner.capture is not None
    assert lab.state.layer == round(6 / 23 * (lab.runner.capture.layers - 1))
    assert lab.bar.text.value == DEFAULT_TEXT
    assert asked == []


def test_runs_the_text_and_the_model_of_an_instructor(asked: list[Any]) -> None:
    Lab(text="A fixed text.", model="gpt2")
    assert set(asked) == {("A fixed text.", "gpt2")}


def test_the_address_beats_the_notebook_and_the_environment(
    asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_MODEL", "gpt2-large")
    Lab()
    assert asked.pop()[1] == "gpt2-large"
    Lab(model="gpt2-medium")
    assert asked.pop()[1] == "gpt2-medium"
    monkeypatch.setenv("QUERY_STRING", "x=1&model=distilgpt2")
    Lab(model="gpt2-medium").follow_address()
    assert asked.pop()[1] == "distilgpt2"


@pytest.mark.parametrize("asked_for", ["model=evil%2Fmodel", "model=%2Fetc", "model=<img onerror=x>"])
def test_the_address_may_only_name_a_model_of_the_list(
    asked: list[Any], monkeypatch: pytest.MonkeyPatch, asked_for: str
) -> None:
    monkeypatch.setenv("QUERY_STRING", asked_for)
    lab = Lab()
    lab.follow_address()
    assert asked == []
    assert lab.state.model == SHIPPED
    assert "choose one of" in lab.bar.message.value
    assert "<img" not in lab.bar.message.value


def test_has_the_parts_by_name_in_the_order_of_the_study(lab: Lab) -> None:
    assert [(part.name, part.number) for part in lab.parts] == [(part.name, part.number) for part in PARTS]
    assert [panel for panel in lab.panels if panel.number is not None] == lab.parts


def test_no_part_takes_the_name_of_something_else(lab: Lab) -> None:
    assert not {panel.name for panel in lab.panels} & set(vars(Lab))
    assert all(getattr(lab, panel.name) is panel for panel in lab.panels)


def test_the_page_has_all_parts_unless_some_are_named(lab: Lab) -> None:
    (contents,) = (widget for widget in below(lab.page()) if "lab-contents" in widget._dom_classes)
    assert re.findall(r"href='#lab-(\w+)'", contents.value) == [part.name for part in PARTS]


def test_a_page_holds_the_parts_that_it_is_given_in_their_order(lab: Lab) -> None:
    widgets = below(lab.page(lab.tokens, lab.scaling))
    shown = [panel for widget in widgets for panel in lab.panels if panel.widget is widget]
    assert shown == [lab.tokens, lab.scaling]
    (contents,) = (widget for widget in widgets if "lab-contents" in widget._dom_classes)
    assert re.findall(r"href='#lab-(\w+)'", contents.value) == ["tokens", "scaling"]


def test_draws_what_the_browser_sees_and_nothing_else(lab: Lab) -> None:
    assert not any(panel.visible for panel in lab.panels)
    lab.browser.visible = ["scaling"]
    assert [panel for panel in lab.panels if panel._built] == [lab.scaling]
    lab.browser.visible = ["raw_scores"]
    assert [panel.name for panel in lab.panels if panel.visible] == ["raw_scores"]


def test_follows_the_system_s_colours_until_the_learner_chooses(lab: Lab) -> None:
    lab.browser.visible = ["scaling"]
    assert (lab.theme, lab.scaling.spread.theme) == (LIGHT, LIGHT)
    lab.browser.prefers_dark = True
    assert (lab.theme, lab.scaling.spread.theme) == (DARK, DARK)
    assert lab.bar.theme.description == "Light"
    lab.bar.theme.click()
    assert (lab.state.theme, lab.browser.theme, lab.scaling.spread.theme) == ("light", "light", LIGHT)
    lab.browser.prefers_dark = False
    lab.bar.theme.click()
    assert (lab.theme, lab.bar.theme.description) == (DARK, "Light")


def test_run_takes_the_text_that_the_browser_sends_and_leaves_the_box_alone(asked: list[Any], lab: Lab) -> None:
    before = lab.bar.text.value
    lab.browser._handle_custom_msg({"do": "run", "text": "typed by hand"}, [])
    assert asked[-1][0] == "typed by hand"
    assert lab.bar.text.value == before  # newer words may stand in the box by now


def test_a_sample_fills_the_box_and_runs(asked: list[Any], lab: Lab) -> None:
    sample = SAMPLES[1]
    lab.bar.samples.value = sample.text
    assert lab.bar.text.value == lab.state.text == sample.text == asked[-1][0]
    assert lab.bar.samples.label == "Sample texts"


def test_a_sample_says_what_to_look_for_until_another_text_is_asked_for(asked: list[Any], lab: Lab) -> None:
    lab.bar.samples.value = SAMPLES[2].text
    assert escape(SAMPLES[2].look_for) in lab.bar.message.value
    assert "lab-away" not in lab.bar.strip._dom_classes
    lab.browser._handle_custom_msg({"do": "run", "text": "typed by hand"}, [])
    lab.runner.busy = True
    lab.runner.busy = False
    assert lab.bar.message.value == ""
    lab.bar.samples.value = SAMPLES[2].text
    lab.bar.close.click()
    assert lab.bar.message.value == ""


def test_the_model_list_says_what_a_choice_costs_and_chooses(asked: list[Any], lab: Lab) -> None:
    labels = {name: label for label, name in lab.bar.models.options}
    assert "shipped" in labels[SHIPPED]
    assert re.search(r"download of [\d,]+ MB|already on this machine", labels["gpt2-xl"])
    lab.bar.models.value = "gpt2"
    assert asked[-1][1] == "gpt2"
    lab.state.model = SHIPPED
    assert lab.bar.models.value == SHIPPED


def test_the_message_is_shown_escaped_and_can_be_closed(lab: Lab) -> None:
    assert "lab-away" in lab.bar.strip._dom_classes
    lab.runner.message = "No <b>model</b>."
    assert "No &lt;b&gt;model&lt;/b&gt;." in lab.bar.message.value
    assert "lab-away" not in lab.bar.strip._dom_classes
    lab.bar.close.click()
    assert "lab-away" in lab.bar.strip._dom_classes


def test_while_it_runs_the_bar_says_so_and_its_progress_moves(lab: Lab) -> None:
    lab.runner.busy, lab.runner.progress = True, 0.4
    assert f"Running the text through {lab.state.model}" in words_of(lab.bar.message)
    assert (lab.bar.progress.value, "lab-away" in lab.bar.progress._dom_classes) == (0.4, False)
    lab.runner.busy = False
    assert "lab-away" in lab.bar.progress._dom_classes


def test_facts_say_how_much_of_a_long_text_is_shown(capture: Capture) -> None:
    assert facts(capture) == "random: 6 layers × 4 heads · 8 tokens"
    assert facts(random_capture(layers=1, heads=1, tokens=1, width=4)) == "random: 1 layer × 1 head · 1 token"
    assert facts(replace(capture, text_tokens=1340)).endswith("8 of 1,340 tokens shown")
    shipped = replace(capture, model=replace(capture.model, shipped=True))
    assert "not GPT-2" in facts(shipped)


def test_the_style_sheet_asks_nothing_of_another_host_and_knows_both_themes() -> None:
    sheet = style_sheet()
    assert "url(" not in sheet
    assert "@import" not in sheet
    assert {LIGHT.page, DARK.page} <= set(re.findall(r"--lab-page: (#\w+);", sheet))
    used = set(re.findall(r"var\((--lab-[\w-]+)", sheet))
    defined = set(re.findall(r"(--lab-[\w-]+):", sheet))
    assert used <= defined, used - defined
