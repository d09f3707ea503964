"""The kernel that the lab's server starts for a page: as IPython's in all that a notebook uses."""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from voila.voila_kernel_manager import voila_kernel_manager_factory

from widgets.serving.kernels import SIGN, PageKernels

Talk = Callable[[AsyncMappingKernelManager, str, AsyncKernelClient], Awaitable[None]]


PAGE = {SIGN: "False"}
"""As Voilà starts a kernel for somebody who waits for the page."""


def with_a_kernel(talk: Talk, folder: Path, environment: dict[str, str] = PAGE) -> None:
    """Starts a kernel as the server does, in some folder of a notebook's, and ends it."""

    async def scenario() -> None:
        manager = AsyncMappingKernelManager(
            kernel_manager_class="widgets.serving.kernels.PageKernelManager",
            root_dir=str(folder),
            default_kernel_name="python3",
        )
        name = await manager.start_kernel(path="", env={**os.environ, **environment})
        client = manager.get_kernel(name).client()
        client.start_channels()
        try:
            await client.wait_for_ready(timeout=60)
            await talk(manager, name, client)
        finally:
            client.stop_channels()
            if name in manager:
                await manager.shutdown_kernel(name, now=True)

    asyncio.run(scenario())


async def said(client: AsyncKernelClient, code: str) -> list[tuple[str, Any]]:
    """What a cell writes to the streams, and how it ends."""
    words: list[tuple[str, Any]] = []

    def listen(message: dict[str, Any]) -> None:
        content = message["content"]
        if message["msg_type"] == "stream":
            words.append((content["name"], content["text"]))
        elif message["msg_type"] == "error":
            words.append(("error", content["evalue"]))

    await client.execute_interactive(code, output_hook=listen, timeout=60)
    return words


def test_a_cell_runs_and_what_it_writes_arrives(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("word = 'imported'\n")

    async def talk(_: AsyncMappingKernelManager, __: str, client: AsyncKernelClient) -> None:
        assert await said(client, "print('one')") == [("stdout", "one\n")]
        assert await said(client, "import sys; sys.stderr.write('two'); 1") == [("stderr", "two")]
        assert await said(client, "import beside; print(beside.word)") == [("stdout", "imported\n")]
        assert await said(client, "import theme") == [("error", "No module named 'theme'")]

    with_a_kernel(talk, tmp_path)


def test_what_widgets_say_goes_in_one_message(tmp_path: Path) -> None:
    """In a kernel, whose connections are ipykernel's: what they do together is in tests/widgets/test_batch.py."""

    async def talk(_: AsyncMappingKernelManager, __: str, client: AsyncKernelClient) -> None:
        made = "from widgets.page.browser import Browser; print(type(Browser().comm).__name__)"
        assert await said(client, made) == [("stdout", "BatchedKernelComm\n")], (
            "ipykernel or comm makes connections in another way than by `ipykernel.comm.comm.BaseComm` and "
            "`comm.create_comm`: every change of a widget is a message of its own now (widgets/kernel/batch.py)"
        )

    with_a_kernel(talk, tmp_path)


def test_the_culler_sees_when_a_kernel_was_last_used(tmp_path: Path) -> None:
    async def talk(manager: AsyncMappingKernelManager, name: str, client: AsyncKernelClient) -> None:
        before = manager.get_kernel(name).last_activity
        await said(client, "1")
        for _ in range(50):
            await asyncio.sleep(0.1)
            kernel = manager.get_kernel(name)
            if kernel.last_activity > before and kernel.execution_state == "idle":
                return
        pytest.fail("nothing was noticed")

    with_a_kernel(talk, tmp_path)


def test_a_notebook_in_the_same_environment_has_jupyter_s_own_kernel(tmp_path: Path) -> None:
    """The settings are the environment's: what is right for a page is not forced on whoever works in JupyterLab."""

    async def talk(manager: AsyncMappingKernelManager, name: str, client: AsyncKernelClient) -> None:
        kernel = manager.get_kernel(name)
        assert kernel._restarter.restart_limit > 0
        manager.cull_idle_timeout, kernel.last_activity = 1, kernel.last_activity - timedelta(days=1)
        await manager.cull_kernel_if_idle(name)
        assert name in manager, "nor does it end because nobody looks at it"

    with_a_kernel(talk, tmp_path, {})


def test_a_page_s_kernel_is_not_started_anew(tmp_path: Path) -> None:
    async def talk(manager: AsyncMappingKernelManager, name: str, _: AsyncKernelClient) -> None:
        restarter = getattr(manager.get_kernel(name), "_restarter", None)
        assert getattr(restarter, "restart_limit", None) == 0, (
            "jupyter_client keeps its restarter, or the bound on restarts, elsewhere than in "
            "`_restarter.restart_limit`: a page's kernel that dies is started anew (widgets/serving/kernels.py)"
        )

    with_a_kernel(talk, tmp_path)


def test_voila_keeps_what_waits_where_the_lab_looks() -> None:
    """What happens when one dies is in tests/browser/test_dying.py."""
    kind = voila_kernel_manager_factory(PageKernels, preheat_kernel=True, default_pool_size=1)
    made = inspect.getsource(kind)
    for used in ("self._pools: TypeDict[str, List", "self._pools[notebook_name].pop(0)", 'content["kernel_id"]'):
        assert used in made, MOVED
    assert {"notebook_name", "delay"} <= set(inspect.signature(kind.fill_if_needed).parameters), MOVED


MOVED = (
    "Voilà keeps the kernels that wait for a page in another way than as tasks in the lists of `_pools`, filled by "
    "`fill_if_needed`: one that dies while it waits is handed to the next page now (widgets/serving/kernels.py)"
)


def test_a_page_s_kernel_nobody_came_to_ends(tmp_path: Path) -> None:
    async def talk(manager: AsyncMappingKernelManager, name: str, _: AsyncKernelClient) -> None:
        kernel = manager.get_kernel(name)
        manager.cull_idle_timeout, kernel.last_activity = 1, kernel.last_activity - timedelta(days=1)
        await manager.cull_kernel_if_idle(name)
        assert name not in manager

    with_a_kernel(talk, tmp_path)
