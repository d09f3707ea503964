"""The kernels that the lab's server starts for its pages, and what it does when one of them dies."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager, ServerKernelManager

KERNEL = Path(__file__).with_name("kernel.py")
LAUNCHER = "ipykernel_launcher"
SIGN = "VOILA_PREHEAT"
"""In the environment that Voilà gives to every kernel of a page, and to no other."""
NEVER = 10**9
"""Seconds."""
GROWN = 5
"""Seconds after which a kernel has started; one that dies younger would die again."""


class PageKernelManager(ServerKernelManager):
    """Starts `widgets/kernel.py` where a kernel's specification asks for ipykernel, and listens to little of it.

    Such a kernel is not started anew when it dies: another knows nothing of the page. All this is for the kernels of
    pages. The settings that name this class are those of a whole environment, and a notebook that is open in
    JupyterLab there gets Jupyter's own kernel, which lives on when its tab is closed.
    """

    of_a_page = False
    born = 0.0

    @property
    def grown(self) -> bool:
        """Whether it had started before it died."""
        return time.monotonic() - self.born > GROWN

    async def start_kernel(self, *arguments: Any, **options: Any) -> Any:  # type: ignore[override]  # arguments go on
        self.of_a_page = SIGN in (options.get("env") or {})
        if not self.of_a_page and self.kernel_spec:
            self.kernel_spec.metadata.setdefault("cull_idle_timeout", NEVER)
        self.born = time.monotonic()
        return await super().start_kernel(*arguments, **options)

    def start_restarter(self) -> None:
        super().start_restarter()
        if self.of_a_page and self._restarter is not None:
            self._restarter.restart_limit = 0

    def connect_iopub(self, identity: bytes | None = None) -> Any:
        stream = super().connect_iopub(identity)
        if self.of_a_page and identity is None:
            # Not a page's connection, but the culler's, which reads every message again to know when the last one
            # came. What it needs has a topic that begins so; what widgets say has others.
            stream.socket.unsubscribe(b"")
            stream.socket.subscribe(b"kernel.")
        return stream

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        command = super().format_kernel_cmd(extra_arguments)
        if not self.of_a_page or LAUNCHER not in command:
            return command
        at = command.index(LAUNCHER)
        return [*command[: at - 1], str(KERNEL), *command[at + 1 :]]  # without the -m before it


class PageKernels(AsyncMappingKernelManager):
    """All kernels of a Voilà: one that dies while it waits for its page is handed to nobody, and another is started.

    Voilà makes its own class from this one (`multi_kernel_manager_class`), which keeps what waits in `_pools`: by
    notebook, a task for each kernel, whose result names it. By itself Voilà never looks whether they live. Where it
    has no `_pools`, nothing is done here.
    """

    def _handle_kernel_died(self, kernel_id: str) -> None:
        grown = getattr(self._kernels.get(kernel_id), "grown", False)
        super()._handle_kernel_died(kernel_id)
        for notebook, pool in getattr(self, "_pools", {}).items():
            living = [task for task in pool if not (task.done() and named(task) == kernel_id)]
            if len(living) < len(pool):
                pool[:] = living
                if grown:
                    self.fill_if_needed(notebook_name=notebook)  # type: ignore[attr-defined]  # Voilà's


def named(task: Any) -> str | None:
    """The kernel that a done task of Voilà's has started; None where it could not."""
    return None if task.cancelled() or task.exception() else task.result().get("kernel_id")
