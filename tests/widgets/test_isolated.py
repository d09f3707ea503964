"""Tokens of letters that run from right to left turn nothing around that stands beside them."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from typing import Any

import ipywidgets
import pytest

from core.model.tokens import isolated, visible
from core.parts.tokens.numbers import tokens
from tests.captures import random_capture
from tests.exercises import EXERCISES, PREDICTIONS
from widgets.lab import Lab

FROM_RIGHT = re.compile("[\u0590-\u08ff]")
ISOLATED = re.compile("\u2068[^\u2068\u2069]*\u2069|<blockquote dir='auto'>.*?</blockquote>")
TOKENS = ("␣صغير", "שלום", "␣و", "ילד", visible("כ\u2069\u202eן"), "؟ع")
GUESSES = ("␣كبير", "גדול", "ב", "␣في", "ש")
CAPTURE = replace(
    random_capture(6, 4, len(TOKENS), 8),
    token_text=TOKENS,
    next_text=GUESSES,
    text="قلب صغير שלום ו ילד and so on and so on",
)
ALONE = {
    ("TokenStrip", "tokens"),  # each in a <bdi> of its own
    ("TokenLines", "tokens"),  # likewise
    ("Textarea", "value"),  # the learner's text, as it is typed
    ("Axis", "tick_labels"),  # each a text element of its own, with a direction of its own by charts.css
}


@pytest.fixture
def lab() -> Lab:
    """With every part, its twin and its difference in view, and everything asked and answered that there is."""
    lab = Lab(capture=CAPTURE)
    names = [panel.name for panel in lab.panels]
    lab.browser.visible = names
    lab.pin()
    lab.state.layer, lab.state.difference = 2, True
    lab.browser.visible = [*names, *(f"{name}_pinned" for name in names), *(f"{name}_difference" for name in names)]
    return lab


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from (*texts(key), *texts(one))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts(one)


def told() -> Iterator[tuple[str, str, str]]:
    """Every text that a widget tells its page, after the widget's class and the trait."""
    for widget in list(ipywidgets.widgets.widget._instances.values()):
        for name, trait in widget.traits(sync=True).items():
            if widget.trait_has_value(name) and not isinstance(trait, ipywidgets.widgets.trait_types.TypedTuple):
                for text in texts(getattr(widget, name)):
                    yield type(widget).__name__, name, text


def is_bare(text: str) -> bool:
    """Whether letters that run from right to left stand outside of an isolated stretch."""
    return bool(FROM_RIGHT.search(ISOLATED.sub("", unescape(text))))


def test_nothing_on_the_page_holds_a_bare_token(lab: Lab) -> None:
    for name in PREDICTIONS:
        lab.predictions._handle_custom_msg({"do": "ask", "panel": name}, [])
    asked = list(told())
    for name in PREDICTIONS:
        lab.predictions._handle_custom_msg({"do": "lock", "panel": name, "answer": 1}, [])
    for part in EXERCISES:
        lab.exercises.workbook.do({"do": "unfold", "part": part})
    said = [one for one in (*asked, *told()) if one[:2] not in ALONE and FROM_RIGHT.search(one[2])]
    assert not [one for one in said if is_bare(one[2])]
    places = (
        "guesses “", "The text ends", "You said “", "the query of token 5", "Query 5", "Query 5 <b", "gives most ",
        "Token 5, “", "pinned:",
    )  # fmt: skip
    assert not [place for place in places if not any(place in text for _, _, text in said)]


def test_a_token_cannot_end_its_isolation() -> None:
    assert TOKENS[4] == r"כ\u2069\u202eן"
    assert not is_bare(f"a {isolated(TOKENS[4])} b")


def test_files_hold_the_bare_token(lab: Lab) -> None:
    (table,) = (table for table in tokens(CAPTURE).tables(TOKENS) if table.name == "part2")
    assert table.columns()["text"].tolist() == list(TOKENS)
    assert lab.tokens.strip.tokens == list(TOKENS)
