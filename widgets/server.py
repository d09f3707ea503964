"""What the lab's server does otherwise than Jupyter's. Only the server imports this: `voila.json` names it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.kernelmanager import ServerKernelManager
from traitlets import Float
from voila.exporter import VoilaExporter

KERNEL = Path(__file__).with_name("kernel.py")
LAUNCHER = "ipykernel_launcher"


class PageConnection(ZMQChannelsWebsocketConnection):
    """A page's connection to its kernel: without delay, and the kernel ends some time after it.

    Jupyter's own culler counts from the last message, which in a page that is being read may be long ago, and a
    page that is still starting needs more time than one that is gone. So the culler is left to kernels whose page
    never came; a page that was there has some seconds to return, counted from when its connection broke.
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
        if self.kernel_id in manager and manager.kernel_model(self.kernel_id)["connections"] == 0:
            manager.get_kernel(self.kernel_id).last_activity = datetime.now(UTC)  # for the culler as well
            loop = asyncio.get_running_loop()
            self._ends[self.kernel_id] = loop.call_later(self.seconds_to_return, self._end, loop)

    def _wait_no_more(self) -> None:
        if end := self._ends.pop(self.kernel_id, None):
            end.cancel()

    def _end(self, loop: asyncio.AbstractEventLoop) -> None:
        del self._ends[self.kernel_id]
        if self.kernel_id in self.multi_kernel_manager:  # the page may have ended it as it was closed
            self.log.info("The page of kernel %s has not come back.", self.kernel_id)
            loop.create_task(self.multi_kernel_manager.shutdown_kernel(self.kernel_id))


class PageKernelManager(ServerKernelManager):
    """Starts `widgets/kernel.py` where a kernel's specification asks for ipykernel, and listens to little of it."""

    def connect_iopub(self, identity: bytes | None = None) -> Any:
        stream = super().connect_iopub(identity)
        if identity is None:
            # Not a page's connection, but the culler's, which reads every message again to know when the last one
            # came. What it needs has a topic that begins so; what widgets say has others.
            stream.socket.unsubscribe(b"")
            stream.socket.subscribe(b"kernel.")
        return stream

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        command = super().format_kernel_cmd(extra_arguments)
        if LAUNCHER not in command:
            return command
        at = command.index(LAUNCHER)
        return [*command[: at - 1], str(KERNEL), *command[at + 1 :]]  # without the -m before it


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
    """What templates are rendered in: as the exporter makes it, with what was compiled for others before."""
    environment = super(VoilaExporter, exporter)._create_environment()
    environment.bytecode_cache = COMPILED
    return environment


VoilaExporter._create_environment = environment_with_compiled_templates
