"""What widgets send because of one event goes to the page in one message."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import comm
import ipywidgets
import pytest
from comm.base_comm import BaseComm
from ipywidgets import HTML, Image, IntSlider

from widgets.kernel.batch import BatchedComm, Page, batch
from widgets.lab import Lab
from widgets.page.browser import Browser


class Connection(BatchedComm):
    """Stands in for the connection to a page: keeps what is sent."""

    sent: list[tuple[str, dict[str, Any], list[bytes]]]

    def publish_msg(self, msg_type: str, data: Any = None, metadata: Any = None, buffers: Any = None, **_: Any) -> None:
        if msg_type == "comm_msg":
            self.sent.append((self.comm_id, data, [bytes(buffer) for buffer in buffers or ()]))


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, dict[str, Any], list[bytes]]]]:
    monkeypatch.setattr(Connection, "sent", [], raising=False)
    monkeypatch.setattr(comm, "create_comm", Connection)
    with Page().at_work():  # what another test has left is none of this one's
        yield Connection.sent


def event(widget: Any, data: dict[str, Any]) -> None:
    """A message from the page."""
    connection: BaseComm = widget.comm
    connection.handle_msg({"content": {"data": data}, "buffers": []})


@pytest.fixture
def browser(sent: list[Any]) -> Browser:
    browser = Browser()
    event(browser, {"method": "custom", "content": {"do": "ready"}})
    return browser


def test_one_event_is_one_message_in_the_order_of_the_changes(
    browser: Browser, sent: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ipywidgets.widgets.widget, "JUPYTER_WIDGETS_ECHO", True)  # a notebook imported it first
    slider, words, picture = IntSlider(), HTML(), Image()

    def draw(change: Any) -> None:
        words.value = f"{change.new}"
        picture.value = b"png"
        words.value += "!"

    slider.observe(draw, "value")
    event(slider, {"method": "update", "state": {"value": 7}})
    echo, carried = sent
    assert echo[:2] == (slider.comm.comm_id, {"method": "echo_update", "state": {"value": 7}, "buffer_paths": []})
    model, data, buffers = carried
    assert model == browser.comm.comm_id
    assert data["content"]["do"] == "update"
    updates = data["content"]["updates"]
    assert [update["id"] for update in updates] == [one.comm.comm_id for one in (words, picture, words)]
    assert [update["data"]["state"] for update in updates] == [{"value": "7"}, {}, {"value": "7!"}]
    assert [update["buffers"] for update in updates] == [0, 1, 0]
    assert buffers == [b"png"]


def test_a_change_outside_an_event_goes_the_same_way_and_overtakes_nothing(browser: Browser, sent: list[Any]) -> None:
    words = HTML()
    with batch():
        words.value = "one"
        assert sent == []
    words.value = "two"
    assert [message[0] for message in sent] == 2 * [browser.comm.comm_id]
    changes = [update["data"]["state"] for _, data, _ in sent for update in data["content"]["updates"]]
    assert changes == [{"value": "one"}, {"value": "two"}]


def test_what_is_no_widget_is_left_alone(browser: Browser, sent: list[Any]) -> None:
    other = comm.create_comm(target_name="somebody.else")
    with batch():
        other.send({"method": "update"})
        assert [message[0] for message in sent] == [other.comm_id]


def test_inner_events_wait_for_the_outer_one_and_a_failure_loses_nothing(browser: Browser, sent: list[Any]) -> None:
    words, more = HTML(), HTML()

    @batch()
    def fail() -> None:
        with batch():
            words.value = "one"
        assert sent == []
        more.value = "two"
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        fail()
    ((_, data, _),) = sent
    assert [update["data"]["state"] for update in data["content"]["updates"]] == [{"value": "one"}, {"value": "two"}]


def test_before_the_page_is_up_everything_goes_at_once(sent: list[Any]) -> None:
    words = HTML()
    with batch():
        words.value = "one"
        assert len(sent) == 1


def test_each_of_two_labs_in_a_kernel_has_a_page_of_its_own(sent: list[Any]) -> None:
    labs = [Lab(), Lab()]
    for lab in labs:
        lab.page()
        event(lab.browser, {"method": "custom", "content": {"do": "ready"}})
    for lab in labs:
        sent.clear()
        # The charts are made as they come on screen, and drawn anew.
        event(lab.browser, {"method": "update", "state": {"visible": ["heads"]}})
        event(lab.browser, {"method": "update", "state": {"prefers_dark": True}})
        lab.state.layer += 1
        carriers = {model for model, data, _ in sent if data["method"] == "custom"}
        assert lab.browser.comm is not None
        assert carriers == {lab.browser.comm.comm_id}, "the other lab's page may be closed"
