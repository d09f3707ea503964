"""What the lab's server does otherwise than Jupyter's. Only the server imports this: its settings name it."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import Any, ClassVar

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from traitlets import Float
from voila.exporter import VoilaExporter

from widgets.serving import frames

INVALID = 1007
"""Why a websocket is closed, as RFC 6455 has it: what came does not fit its kind."""


class PageConnection(ZMQChannelsWebsocketConnection):
    """A page's connection to its kernel: without delay, and the kernel ends some time after it.

    Jupyter's own culler counts from the last message, which in a page that is being read may be long ago, and a
    page that is still starting needs more time than one that is gone. So the culler is left to kernels whose page
    never came; a page that was there has some seconds to return, counted from when its connection broke. A page that
    sends what is no message loses its connection, and the server says so in one line.
    """

    seconds_to_return = Float(
        45, config=True, help="How long the kernel of a page whose connection broke waits for it, in seconds."
    )

    _ends: ClassVar[dict[str, asyncio.TimerHandle]] = {}
    """Of the kernels whose page is away."""

    def connect(self) -> Any:
        self._wait_no_more()
        # By itself the system holds a small message back until the one before has arrived, which the other side
        # confirms only after 40 ms: one update of the page's widgets is several messages.
        self.websocket_handler.set_nodelay(True)
        return super().connect()

    def disconnect(self) -> Any:
        super().disconnect()
        self._wait_no_more()
        manager = self.multi_kernel_manager
        if not getattr(self.kernel_manager, "of_a_page", False):
            return
        if self.kernel_id in manager and manager.kernel_model(self.kernel_id)["connections"] == 0:
            manager.get_kernel(self.kernel_id).last_activity = datetime.now(UTC)  # for the culler as well
            loop = asyncio.get_running_loop()
            self._ends[self.kernel_id] = loop.call_later(self.seconds_to_return, self._end, loop)

    def handle_incoming_message(self, incoming_msg: Any) -> None:  # bytes of a binary frame, str of a text frame
        if self.websocket_handler.ws_connection is None:  # closed for what came before
            return
        try:
            frames.check(incoming_msg, self.subprotocol)
            super().handle_incoming_message(incoming_msg)
        except Exception as error:
            # Whatever it is: nothing that follows can be understood, and by itself tornado logs a page of code.
            self.log.warning(
                "What came from the page of kernel %s is no message, its connection is closed: %s: %.200s",
                self.kernel_id,
                type(error).__name__,
                error,
            )
            for stream in self.channels.values():
                stream.stop_on_recv()  # nobody is there to hear of it
            self.websocket_handler.close(INVALID)

    def _wait_no_more(self) -> None:
        if end := self._ends.pop(self.kernel_id, None):
            end.cancel()

    def _end(self, loop: asyncio.AbstractEventLoop) -> None:
        del self._ends[self.kernel_id]
        if self.kernel_id in self.multi_kernel_manager:  # the page may have ended it as it was closed
            self.log.info("The page of kernel %s has not come back.", self.kernel_id)
            loop.create_task(self.multi_kernel_manager.shutdown_kernel(self.kernel_id))


class WhatMatters(logging.Filter):
    """Of what Voilà logs: the address that it serves at, and what goes wrong. With --debug everything.

    That a notebook is not trusted goes without saying: it is about what a notebook shows before it is run. So does that
    tornado asks a page for a sign of life as often as it can: jupyter_server gives it a longer time than it takes.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if any(handler.level < logging.INFO for handler in logging.getLogger(record.name).handlers):
            return True
        if record.levelno < logging.WARNING:
            return record.funcName == "listen"  # says where, or that a port is taken
        return not str(record.msg).startswith(("Notebook %s is not trusted", "The websocket_ping_timeout ("))


class CompiledTemplates(BytecodeCache):
    """The page's templates, compiled: Voilà compiles all sixteen for every kernel, and nobody is served meanwhile."""

    def __init__(self) -> None:
        self._codes: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self._codes.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key] = bucket.bytecode_to_string()


COMPILED = CompiledTemplates()


def environment_with_compiled_templates(exporter: VoilaExporter) -> Environment:
    """What templates are rendered in: as the exporter makes it, with what was compiled for others before.

    Voilà's exporter has this from nbconvert's. Once it has a way of its own, nothing is changed.
    """
    environment = super(VoilaExporter, exporter)._create_environment()
    environment.bytecode_cache = COMPILED
    return environment


if hasattr(VoilaExporter, "_create_environment") and "_create_environment" not in vars(VoilaExporter):
    VoilaExporter._create_environment = environment_with_compiled_templates
