"""The kernels that the lab's server starts for its pages, and what it does when one of them dies."""

from __future__ import annotations

import time
from typing import Any

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager, ServerKernelManager

SIGN = "VOILA_PREHEAT"
"""In the environment that Voilà gives to every kernel of a page, and to no other."""
NEVER = 10**9
"""Seconds."""
GROWN = 5
"""Seconds after which a kernel has started; one that dies younger would die again."""


class PageKernelManager(ServerKernelManager):
    """A page's kernel is not started anew when it dies: another knows nothing of the page.

    The settings that name this class are those of a whole environment: the kernel of a notebook that is open in
    JupyterLab there is started anew, and lives on when its tab is closed.
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
        restarter = getattr(self, "_restarter", None)
        if self.of_a_page and restarter is not None:
            restarter.restart_limit = 0


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
