"""One websocket to a kernel, spoken as a page's widgets speak it.

Jupyter's messages in the binary form v1.kernel.websocket.jupyter.org; the widgets' in comm messages (Jupyter widgets
messaging protocol, version 2.1).
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1, serialize_msg_to_ws_v1
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

PROTOCOL = "v1.kernel.websocket.jupyter.org"
PATIENCE = 60
"""Seconds until an answer counts as missing."""
CONTROL, VERSION = "jupyter.widget.control", "1.0.0"
"""The comm that hands out the state of all widgets."""


class Lost(Exception):
    """The connection is gone."""


class Wire:
    """A connection to a kernel and the state of all its widgets, kept up to date."""

    def __init__(self, socket: WebSocketClientConnection):
        self.widgets: dict[str, dict[str, Any]] = {}
        """State by comm id."""
        self._socket = socket
        self._session = uuid.uuid4().hex
        self._idle: dict[str, asyncio.Future[float]] = {}
        self._news = asyncio.Event()
        self._reading = asyncio.ensure_future(self._read())

    @classmethod
    async def connect(cls, address: str) -> Wire:
        """Connect to `ws://…/api/kernels/ID/channels` and take the state of all widgets."""
        request = HTTPRequest(f"{address}?session_id={uuid.uuid4().hex}", connect_timeout=PATIENCE)
        wire = cls(await websocket_connect(request, subprotocols=[PROTOCOL], max_message_size=2**28))
        control = uuid.uuid4().hex
        await wire.ask("comm_open", {"comm_id": control, "target_name": CONTROL, "data": {}})
        await wire.send(control, {"method": "request_states"})
        await wire.until(lambda: bool(wire.widgets))
        return wire

    async def send(self, widget: str, data: dict[str, Any]) -> float:
        """A comm message; seconds until the kernel is done with it."""
        return await self.ask("comm_msg", {"comm_id": widget, "data": data})

    async def ask(self, kind: str, content: dict[str, Any]) -> float:
        """A message on the shell channel; seconds until the kernel is idle again. Raises Lost, TimeoutError."""
        start = time.perf_counter()
        name = uuid.uuid4().hex
        header = {"msg_id": name, "msg_type": kind, "session": self._session, "username": "", "version": "5.3"}
        message = {"header": header, "parent_header": {}, "metadata": {"version": VERSION}, "content": content}
        idle = self._idle[name] = asyncio.get_running_loop().create_future()
        try:
            await self._socket.write_message(serialize_msg_to_ws_v1(message, "shell", packed), binary=True)
            return await self._answer(idle) - start
        finally:
            del self._idle[name]

    async def until(self, ready: Callable[[], bool]) -> None:
        """Wait for what the widgets' states will say. Raises Lost, TimeoutError."""
        async def watch() -> None:
            while not ready():
                self._news.clear()
                await self._news.wait()

        await self._answer(watch())

    def close(self) -> None:
        """Hang up without a word to the kernel."""
        self._reading.cancel()
        self._socket.close()

    async def _read(self) -> None:
        while isinstance(frame := await self._socket.read_message(), bytes):
            _, (header, parent, _, content, *_) = deserialize_msg_from_ws_v1(frame)
            self._take(json.loads(header)["msg_type"], json.loads(parent).get("msg_id"), content)
            self._news.set()
        raise Lost

    async def _answer(self, awaited: Awaitable[Any]) -> Any:
        """What is awaited, unless reading ends before: raises what ended it, or TimeoutError."""
        task = asyncio.ensure_future(awaited)
        try:
            await asyncio.wait((task, self._reading), timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            if self._reading.done():
                self._reading.result()
            raise TimeoutError
        finally:
            task.cancel()

    def _take(self, kind: str, parent: str | None, content: bytes) -> None:
        if kind == "status" and parent in self._idle and json.loads(content)["execution_state"] == "idle":
            self._idle[parent].set_result(time.perf_counter())
        if kind not in ("comm_open", "comm_msg"):
            return
        message = json.loads(content)
        data = message["data"]
        if data.get("method") == "update_states":
            self.widgets |= {name: widget["state"] for name, widget in data["states"].items()}
        elif data.get("method") == "custom" and data["content"].get("do") == "update":  # of many widgets together
            for each in data["content"]["updates"]:
                self._keep(each["id"], each["data"])
        elif kind == "comm_open":
            self.widgets.setdefault(message["comm_id"], {}).update(data["state"])
        else:
            self._keep(message["comm_id"], data)

    def _keep(self, widget: str, data: dict[str, Any]) -> None:
        if data.get("method") == "update":
            self.widgets.setdefault(widget, {}).update(data["state"])


def packed(part: dict[str, Any]) -> bytes:
    """A part of a message as JSON."""
    return json.dumps(part).encode()
