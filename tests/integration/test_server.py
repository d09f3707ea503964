"""The lab's server: a page's messages are not held back, and a kernel stays as long as its page does."""

import asyncio
from collections.abc import Iterator
from typing import Any

import jinja2
import pytest
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler
from voila.exporter import VoilaExporter
from voila.paths import collect_template_paths

from tests.bench.learner import Learner
from tests.serving import VOILA, Server, serving
from widgets.serving.server import PageConnection

RETURN = 4  # seconds


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    options = [f"--PageConnection.seconds_to_return={RETURN}", "--MappingKernelManager.cull_idle_timeout=0"]
    with serving([*VOILA, *options], tmp_path_factory.mktemp("server") / "log") as running:
        yield running


async def gone(learner: Learner, within: float) -> bool:
    """Whether the server gives a learner's kernel up in that many seconds."""
    until = asyncio.get_running_loop().time() + within
    while await learner.kernel_lives():
        if asyncio.get_running_loop().time() > until:
            return False
        await asyncio.sleep(0.2)
    return True


def test_a_kernel_ends_with_its_page_and_not_before(server: Server) -> None:
    async def scenario() -> None:
        reader, _ = await Learner.open(server.url, "scaling")
        returning, _ = await Learner.open(server.url, "heads")
        lost, _ = await Learner.open(server.url, "heads")
        for learner in (returning, lost):
            learner.wire.close()
        await asyncio.sleep(RETURN / 2)
        await returning.connect()
        assert await gone(lost, within=60)
        assert not await gone(returning, within=RETURN)
        assert await returning.move(0) > 0
        await returning.leave()
        assert await gone(returning, within=60)
        assert await reader.kernel_lives(), "it has been read all the time"
        reader.wire.close()

    asyncio.run(scenario())


def test_small_messages_are_sent_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without this an update of the widgets takes 40 ms more, and on some systems 200."""
    done: list[Any] = []
    monkeypatch.setattr(ZMQChannelsWebsocketConnection, "connect", lambda self: done.append("connected"))
    handler = KernelWebsocketHandler.__new__(KernelWebsocketHandler)
    handler.set_nodelay = done.append
    monkeypatch.setattr(PageConnection, "kernel_id", "1")
    PageConnection(websocket_handler=handler).connect()
    assert done == [True, "connected"]


def test_templates_are_compiled_once_for_all_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    compiling = jinja2.Environment.compile

    def count(environment: jinja2.Environment, source: str, *names: Any, **options: Any) -> Any:
        compiled.append(source)
        return compiling(environment, source, *names, **options)

    monkeypatch.setattr(jinja2.Environment, "compile", count)
    paths = collect_template_paths(["voila", "nbconvert"], "attention-scores")
    for _ in range(2):
        exporter = VoilaExporter(template_paths=paths, template_name="attention-scores", base_url="/")
        exporter.environment.get_template("index.html.j2")
    assert len(compiled) == len(set(compiled)) > 0, (
        "Voilà or nbconvert makes the templates' environment in another way than by `_create_environment`: templates "
        "are compiled for every page again (widgets/serving/server.py)"
    )
