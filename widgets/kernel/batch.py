"""One message for everything that the widgets tell the page because of one event.

A message costs the kernel, the server and the page a good part of a millisecond each, whatever it holds; one step of
the layer slider changes up to twenty widgets. So what is sent while an event is handled waits until its end, and
then goes to the page's Browser in one message, which hands it on to the widgets in the same order.

For the same reason a change that the page made itself is not told back to it (`widgets/__init__.py`).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from typing import Any, NamedTuple

import comm
from comm.base_comm import BaseComm
from ipykernel.kernelbase import Kernel
from ipywidgets import Widget


class Page:
    """What is shown together in one place: a kernel may have two labs, each with a page of its own."""

    carrier: BaseComm | None = None
    """The connection of the widget whose script takes the messages for all others of the page; None until it is up."""

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Widgets that are made in this block belong to the page."""
        token = _page.set(self)
        try:
            yield
        finally:
            _page.reset(token)


_page: ContextVar[Page | None] = ContextVar("page", default=None)


class Update(NamedTuple):
    """A message for one widget that waits to be sent."""

    comm: BatchedComm
    data: dict[str, Any]
    buffers: list[Any]


class _Waiting(threading.local):
    """JupyterLab handles events in a thread of its own: each has its own updates."""

    depth = 0

    def __init__(self) -> None:
        self.updates: list[Update] = []


_waiting = _Waiting()


def begin_page() -> Page:
    """A page that widgets which are made from now on belong to, as do those that its events lead to."""
    page = Page()
    _page.set(page)
    return page


def carry_by(widget: Widget) -> None:
    """From now on this widget's script, which is up in its page, takes the messages for all widgets of that page."""
    if isinstance(widget.comm, BatchedComm):
        widget.comm.page.carrier = widget.comm


@contextmanager
def batch() -> Iterator[None]:
    """Everything that widgets send in this block goes in one message a page at its end; blocks may be nested."""
    _waiting.depth += 1
    try:
        yield
    finally:
        _waiting.depth -= 1
        if not _waiting.depth:
            _send()


def _send() -> None:
    updates, _waiting.updates = _waiting.updates, []
    for page in dict.fromkeys(one.comm.page for one in updates):
        _carry(page, [one for one in updates if one.comm.page is page])


def _carry(page: Page, updates: list[Update]) -> None:
    """Give changes to the script in the page, which makes them in the next frame."""
    listed = [{"id": one.comm.comm_id, "data": one.data, "buffers": len(one.buffers)} for one in updates]
    buffers = [buffer for one in updates for buffer in one.buffers]
    content = {"do": "update", "updates": listed}
    assert page.carrier is not None
    BaseComm.send(page.carrier, {"method": "custom", "content": content}, buffers=buffers)


class BatchedComm(BaseComm):
    """A widget's connection to the page: what an event that comes from there changes goes back in one message."""

    def __init__(self, *arguments: Any, **options: Any):
        self.page = _page.get() or Page()  # one that nothing carries
        super().__init__(*arguments, **options)

    def handle_msg(self, msg: dict[str, Any]) -> None:
        with self.page.at_work(), batch():
            super().handle_msg(msg)

    def send(self, data: Any = None, metadata: Any = None, buffers: Any = None) -> None:
        # An echo of the page's own change is found by the message that it answers.
        alone = self.target_name != "jupyter.widget" or data["method"] == "echo_update"
        if self.page.carrier is None or alone:
            super().send(data, metadata, buffers)
            return
        update = Update(self, data, list(buffers or ()))
        if _waiting.depth:
            _waiting.updates.append(update)
        else:
            _carry(self.page, [update])  # this way too, so that it overtakes nothing


@cache
def batched_kernel_comm() -> type[BatchedComm]:
    """The same, in a kernel. Raises ImportError where ipykernel has its connections elsewhere."""
    from ipykernel.comm.comm import BaseComm as KernelComm

    class BatchedKernelComm(BatchedComm, KernelComm):
        pass

    return BatchedKernelComm


def batch_messages() -> None:
    """Give widgets that are made from now on such a connection, where there is a kernel and it lets them have it."""
    if Kernel.initialized():
        with suppress(ImportError):
            comm.create_comm = batched_kernel_comm()
