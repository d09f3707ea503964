"""One message for everything that the widgets tell the page because of one event.

A message costs the kernel, the server and the page a good part of a millisecond each, whatever it holds; one step of
the layer slider changes up to twenty widgets. So what is sent while an event is handled waits until its end, and
then goes to the page's Browser in one message, which hands it on to the widgets in the same order.
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
    Together.carrier = widget


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
    if len(updates) == 1 or Together.carrier is None:
        for one in updates:
            one.comm.send(one.data, buffers=one.buffers)
    elif updates:
        listed = [{"id": one.comm.comm_id, "data": one.data, "buffers": len(one.buffers)} for one in updates]
        buffers = [buffer for one in updates for buffer in one.buffers]
        Together.carrier.send({"do": "update", "updates": listed}, buffers)


class Together(BaseComm):
    """A widget's connection to the page: what an event that comes from there changes goes back in one message."""

    carrier: ClassVar[Widget | None] = None
    """None until a page is up: what is sent before goes at once."""

    def handle_msg(self, msg: dict[str, Any]) -> None:
        with together():
            super().handle_msg(msg)

    def send(self, data: Any = None, metadata: Any = None, buffers: Any = None) -> None:
        # An echo of the page's own change goes at once: the page finds it by the message that it answers.
        if _waiting.depth and Together.carrier is not None and data["method"] != "echo_update":
            _waiting.updates.append(Update(self, data, list(buffers or ())))
        else:
            super().send(data, metadata, buffers)


class TogetherInKernel(Together, KernelComm):
    """The same, in a kernel."""


def connect_widgets() -> None:
    """Give widgets that are made from now on such a connection, where there is a kernel."""
    if Kernel.initialized():
        comm.create_comm = TogetherInKernel
