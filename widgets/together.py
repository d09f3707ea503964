"""One message for everything that the widgets tell the page because of one event.

A message costs the kernel, the server and the page a good part of a millisecond each, whatever it holds; one step of
the layer slider changes up to twenty widgets. So what is sent while an event is handled waits until its end, and
then goes to the page's Browser in one message, which hands it on to the widgets in the same order.

For the same reason a change that the page made itself is not told back to it (`widgets/__init__.py`).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, NamedTuple

import comm
from comm.base_comm import BaseComm
from ipykernel.comm.comm import BaseComm as KernelComm
from ipykernel.kernelbase import Kernel
from ipywidgets import Widget


class Update(NamedTuple):
    """A message for one widget that waits to be sent."""

    comm: BaseComm
    data: dict[str, Any]
    buffers: list[Any]


class _Waiting(threading.local):
    """JupyterLab handles events in a thread of its own: each has its own updates."""

    depth = 0

    def __init__(self) -> None:
        self.updates: list[Update] = []


_waiting = _Waiting()


def carried_by(widget: Widget) -> None:
    """From now on this widget's script, which is up in the page, takes the messages for all widgets."""
    Together.carrier = widget.comm


@contextmanager
def together() -> Iterator[None]:
    """Everything that widgets send in this block goes in one message at its end; blocks may be nested."""
    _waiting.depth += 1
    try:
        yield
    finally:
        _waiting.depth -= 1
        if not _waiting.depth:
            _send()


def _send() -> None:
    updates, _waiting.updates = _waiting.updates, []
    if updates and Together.carrier is not None:
        _carry(updates, Together.carrier)


def _carry(updates: list[Update], carrier: BaseComm) -> None:
    """Give changes to the script in the page, which makes them in the next frame."""
    listed = [{"id": one.comm.comm_id, "data": one.data, "buffers": len(one.buffers)} for one in updates]
    buffers = [buffer for one in updates for buffer in one.buffers]
    content = {"do": "update", "updates": listed}
    BaseComm.send(carrier, {"method": "custom", "content": content}, buffers=buffers)


class Together(BaseComm):
    """A widget's connection to the page: what an event that comes from there changes goes back in one message."""

    carrier: ClassVar[BaseComm | None] = None
    """None until a page is up: what is sent before goes to its widget by itself."""

    def handle_msg(self, msg: dict[str, Any]) -> None:
        with together():
            super().handle_msg(msg)

    def send(self, data: Any = None, metadata: Any = None, buffers: Any = None) -> None:
        # An echo of the page's own change is found by the message that it answers.
        alone = self.target_name != "jupyter.widget" or data["method"] == "echo_update"
        if Together.carrier is None or alone:
            super().send(data, metadata, buffers)
            return
        update = Update(self, data, list(buffers or ()))
        if _waiting.depth:
            _waiting.updates.append(update)
        else:
            _carry([update], Together.carrier)  # this way too, so that it overtakes nothing


class TogetherInKernel(Together, KernelComm):
    """The same, in a kernel."""


def connect_widgets() -> None:
    """Give widgets that are made from now on such a connection, where there is a kernel."""
    if Kernel.initialized():
        comm.create_comm = TogetherInKernel
