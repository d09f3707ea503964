"""Links to a view that has another one pinned: what the address says of both, and how a link opens them."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from core.model.catalogue import SHIPPED
from tests.widgets.links import RAN, address, made_lab, shown
from widgets import runner as runner_module
from widgets.lab import Lab
from widgets.page.link import COPIED, NO_TEXT, NOT_PINNED
from widgets.parts.heads import HeadsPart


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Lab:
    return made_lab(monkeypatch)


def pinned(lab: Lab) -> tuple[str, str, int, int, int, int]:
    view = lab.comparison.pinned
    assert view is not None
    capture, state = view.session.capture, view.state
    assert (state.text, state.model) == (capture.text, capture.model.name)
    return capture.text, capture.model.name, state.layer, state.head, state.query, state.key


def test_a_pinned_view_is_in_the_address_until_it_is_unpinned(lab: Lab) -> None:
    lab.link.take_up("text=Another+text")
    before = address(lab)
    lab.pin()
    assert address(lab) == "pinned=on&text=Another+text"
    lab.state.layer = 5
    assert address(lab) == "layer=5&pinned=on&a-layer=1&text=Another+text"
    lab.state.text = "Yet another"
    assert address(lab) == "layer=5&pinned=on&a-layer=1&a-query=11&text=Yet+another&a-text=Another+text"
    assert lab.comparison.pinned is not None
    lab.comparison.pinned.state.key = 2
    assert "a-key=2" in address(lab)
    lab.unpin()
    lab.state.text, lab.state.layer = "Another text", 1
    assert address(lab) == before


VIEWS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"layer": 4, "head": 2, "query": 3, "key": 1}, {}),
    ({}, {"layer": 4, "head": 2, "query": 3, "key": 1}),
    ({"model": "gpt2", "layer": 11}, {"model": SHIPPED}),
    ({"layer": 3}, {"model": "gpt2"}),  # 3 is the default of B alone
    ({"text": "Ä & b = 50 %\n#?+ 🍕", "query": 2}, {"text": "A short."}),
    ({"text": "x" * 40, "key": 30}, {"text": " a-text=&pinned=off ", "difference": True, "mask_size": 7}),
    ({"text": "one", "model": "gpt2", "layer": 9}, {"text": "three", "layer": 0, "key": 4}),
]


@pytest.mark.parametrize(("a", "b"), VIEWS)
def test_a_link_opens_both_views(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, a: dict[str, Any], b: dict[str, Any]
) -> None:
    lab.link.take_up("")
    choose(lab, a)
    lab.pin()
    choose(lab, b)
    other = made_lab(monkeypatch)
    other.link.take_up(address(lab))
    assert pinned(other) == pinned(lab)
    assert shown(other) == shown(lab)
    for name in lab.state.settings:
        assert getattr(other.state, name) == getattr(lab.state, name), name
    assert (address(other), other.runner.message, other.runner.busy) == (address(lab), "", False)


def choose(lab: Lab, view: dict[str, Any]) -> None:
    for name, value in view.items():
        setattr(lab.state, name, value)


def test_each_text_runs_once_and_none_that_is_on_show(lab: Lab) -> None:
    lab.link.take_up("pinned=on&a-layer=4&text=A+short.")
    assert RAN == []
    assert pinned(lab) == ("A short.", SHIPPED, 4, 0, 7, 0)
    lab.link.take_up("pinned=on&a-text=first&text=second&model=gpt2")
    assert RAN == [("first", "gpt2"), ("second", "gpt2")]


def test_parts_draw_a_as_a_once(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[tuple[str, int]] = []
    monkeypatch.setattr(HeadsPart, "draw", lambda part, _, settings: drawn.append((part.name, settings.layer)))
    lab.browser.visible = ["heads"]
    lab.link.take_up("text=Another+text&layer=5&pinned=on&a-layer=2")
    drawn.clear()
    lab.browser.visible = ["heads", "heads_pinned"]
    assert drawn == [("heads_pinned", 2)]


def test_what_a_link_does_not_say_of_a_is_as_in_b(lab: Lab) -> None:
    lab.link.take_up("text=Another+text&layer=5&head=2&query=9&key=8&pinned=on&a-text=Few")
    assert pinned(lab) == ("Few", SHIPPED, 5, 2, 2, 2), "the last tokens of a shorter text"
    assert lab.runner.message == ""


def test_nonsense_about_a_is_named_and_the_rest_of_a_is_pinned(lab: Lab) -> None:
    lab.link.take_up("layer=4&pinned=on&a-layer=12&a-model=evil&a-head=3&a-mask=3&a-text=Words&a-key=x")
    assert pinned(lab) == ("Words", SHIPPED, 4, 3, 4, 0)
    named = "a-layer=12 (the last layer is 5)", "no model called “evil”", "a-mask (there is no", "a-key=x (a number)"
    for words in named:
        assert words in lab.runner.message


def test_a_view_that_cannot_be_run_is_not_pinned_and_b_opens(lab: Lab) -> None:
    lab.link.take_up("text=Another+text&layer=5&pinned=on&a-text=broken&a-model=gpt2")
    assert lab.comparison.pinned is None
    assert shown(lab) == ("Another text", SHIPPED, 5, 11)
    assert "There is no text yet" in lab.runner.message
    assert NOT_PINNED in lab.runner.message
    assert address(lab) == "layer=5&text=Another+text"


def test_b_that_cannot_be_run_leaves_a_pinned_and_on_show(lab: Lab) -> None:
    lab.link.take_up("text=broken&pinned=on&a-text=Words&a-layer=2")
    assert pinned(lab)[:3] == ("Words", SHIPPED, 2)
    assert shown(lab)[0] == "Words"
    assert "There is no text yet" in lab.runner.message
    assert NOT_PINNED not in lab.runner.message


def test_a_text_of_a_that_has_no_room_is_said_to_be_missing_on_both_ends(lab: Lab) -> None:
    lab.link.take_up("text=" + "a" * 3999)
    lab.pin()
    assert "without" not in address(lab), "the same text"
    lab.state.text = "b" * 2
    lab.state.layer = 5
    assert address(lab) == "layer=5&without=a-text&text=bb"
    assert lab.link.said(True) == f"{COPIED} {NO_TEXT['a-text']}"
    query = address(lab)
    lab.unpin()
    lab.link.take_up(query)
    assert lab.comparison.pinned is None
    assert "came without the text of A, so A is not pinned" in lab.runner.message
    assert shown(lab)[::2] == ("bb", 5)


LINK = "layer=5&text=Another+text&pinned=on&a-text=Words"


def is_bare(lab: Lab) -> bool:
    """Whether nothing is pinned, and no strip says so."""
    assert lab.comparison.strip is not None
    return lab.comparison.pinned is None and "lab-away" in lab.comparison.strip._dom_classes


def in_turn(lab: Lab, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], object], query: str = LINK) -> None:
    """Open a link whose A waits, do something meanwhile, then let it run."""
    gate, work = threading.Event(), runner_module.Runner._work

    def wait(*asked: Any) -> runner_module.Ran:
        gate.wait(10)
        return work(*asked)

    monkeypatch.setattr(runner_module.Runner, "_work", wait)

    async def scenario() -> None:
        lab.link.take_up(f"token=secret&{query}")
        meanwhile()
        gate.set()
        while lab.runner.busy:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.6)

    asyncio.run(asyncio.wait_for(scenario(), 20))


def test_the_address_stays_and_the_bar_says_what_runs_while_a_link_opens(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.link.page = "http://localhost:8866/"

    def look() -> None:
        assert "Running the text through" in lab.bar.message.value
        assert lab.comparison.strip is not None
        assert "lab-away" not in lab.comparison.strip._dom_classes
        assert "opens first" in lab.comparison.words.value
        assert (address(lab), lab.link.url) == (f"{LINK}&token=secret", f"http://localhost:8866/?{LINK}")

    in_turn(lab, monkeypatch, look)
    assert pinned(lab)[:3] == ("Words", SHIPPED, 5)
    assert shown(lab)[:3] == ("Another text", SHIPPED, 5)
    assert address(lab) == "layer=5&pinned=on&a-query=4&text=Another+text&a-text=Words&token=secret"


def test_a_text_that_no_model_can_run_keeps_nothing_waiting(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    in_turn(lab, monkeypatch, lambda: None, "layer=5&text=Another+text&pinned=on&a-text=broken&a-model=gpt2")
    assert RAN == [("broken", "gpt2"), ("broken", SHIPPED), ("Another text", SHIPPED)]
    assert shown(lab)[:3] == ("Another text", SHIPPED, 5)
    assert is_bare(lab)
    assert NOT_PINNED in lab.runner.message


def test_a_learner_who_runs_another_text_meanwhile_has_the_last_word(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    in_turn(lab, monkeypatch, lambda: setattr(lab.state, "text", "My own"))
    assert shown(lab)[0] == lab.bar.text.value == "My own"
    assert is_bare(lab)
    assert address(lab) == "text=My+own&token=secret"
