"""A lab that follows its page's address, and the address that follows the lab."""

import asyncio

import pytest

from core.model.catalogue import SHIPPED
from tests.widgets.links import address, made_lab, shown
from widgets.lab import Lab
from widgets.page.link import COPIED, NO_TEXT, NOT_COPIED


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Lab:
    return made_lab(monkeypatch)


def test_a_link_opens_exactly_that_view(lab: Lab) -> None:
    lab.link.take_up("text=Another+text&model=gpt2&layer=11&query=10&mask=7&part=4")
    assert shown(lab) == ("Another text", "gpt2", 11, 10)
    assert (lab.state.mask_size, lab.state.part) == (7, 4)
    assert lab.runner.message == ""


def test_what_a_link_leaves_out_stands_at_its_default(lab: Lab) -> None:
    lab.link.take_up("text=Another+text&model=gpt2")
    assert shown(lab) == ("Another text", "gpt2", 3, 11)


def test_every_part_draws_once_as_the_link_asks(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    monkeypatch.setattr(lab.heads, "draw", lambda _, settings: drawn.append(settings.layer))
    lab.browser.visible = ["heads"]
    drawn.clear()
    lab.link.take_up("text=Another+text&layer=5")
    assert drawn == [5]


def test_nonsense_opens_the_defaults_and_is_named(lab: Lab) -> None:
    lab.link.take_up("layer=99&colour=blue&mask=7&model=evil%2Fmodel")
    assert shown(lab) == ("A short.", SHIPPED, 1, 7)
    assert lab.state.mask_size == 7
    named = "layer=99 (the last layer is 5)", "colour (there is no such setting)", "no model called “evil/model”"
    for words in named:
        assert words in lab.runner.message
    assert lab.runner.message in lab.bar.message.value.replace("&#x27;", "'")


def test_a_layer_is_measured_by_the_model_that_the_link_brings(lab: Lab) -> None:
    lab.link.take_up("model=gpt2&layer=12")
    assert "layer=12 (the last layer is 11)" in lab.runner.message
    assert shown(lab)[2] == 3


def test_a_text_that_cannot_be_run_leaves_its_message_and_the_rest_of_the_link(lab: Lab) -> None:
    lab.link.take_up("text=broken&layer=5&head=99")
    assert shown(lab) == ("A short.", SHIPPED, 5, 7)
    assert "There is no text yet" in lab.runner.message
    assert "head=99 (the last head is 3)" in lab.runner.message


def test_the_address_follows_the_state(lab: Lab) -> None:
    lab.link.page = "http://localhost:8866/"
    lab.state.layer = 4
    assert (lab.link.query, lab.link.url) == (None, ""), "not before it was read"
    lab.link.take_up("")
    assert address(lab) == "layer=4&text=A+short."
    lab.state.layer = 1
    lab.state.causal = True
    assert address(lab) == "layer=1&causal=on&text=A+short.", "the notebook's own choice is always named"
    assert lab.link.url == f"http://localhost:8866/?{address(lab)}"


def test_a_text_that_could_not_be_run_is_not_in_the_link(lab: Lab) -> None:
    lab.link.take_up("")
    lab.state.text = "broken"
    assert "There is no text yet" in lab.runner.message
    assert address(lab) == "text=A+short."


def test_other_parameters_stay_in_the_address_and_out_of_the_link(lab: Lab) -> None:
    lab.link.page = "http://localhost:8866/"
    lab.link.take_up("token=secret&layer=2")
    assert address(lab) == "layer=2&text=A+short.&token=secret"
    assert "secret" not in lab.link.url
    assert lab.runner.message == ""


def test_a_text_that_is_too_long_is_said_to_be_missing_on_both_ends(lab: Lab) -> None:
    lab.link.take_up("")
    lab.state.text = "a" * 4001
    lab.state.query, lab.state.layer = 17, 5
    assert address(lab) == "layer=5&without=text"
    assert lab.link.said(True) == f"{COPIED} {NO_TEXT['text']}"
    lab.link.take_up(address(lab))
    assert "The link came without its text" in lab.runner.message
    assert "without its text" in lab.bar.message.value


def test_the_bar_says_what_became_of_a_click(lab: Lab) -> None:
    lab.link.page = "http://localhost:8866/"
    lab.link.take_up("")
    lab.link._handle_custom_msg({"copied": True}, [])
    assert COPIED in lab.bar.message.value
    lab.link._handle_custom_msg({"copied": False}, [])
    assert NOT_COPIED in lab.bar.message.value
    assert lab.link.url in lab.bar.message.value


def test_a_drag_changes_the_address_a_few_times_only(lab: Lab) -> None:
    """Browsers count: Safari allows 100 changes in 30 seconds."""
    changes: list[str] = []

    async def drag() -> None:
        lab.link.take_up("")
        lab.link.observe(lambda change: changes.append(change.new), "query")
        for step in range(21):
            lab.state.layer = step % 6
            await asyncio.sleep(0.01)
        assert changes == []
        await asyncio.sleep(0.6)

    asyncio.run(drag())
    assert changes == [address(lab)]
