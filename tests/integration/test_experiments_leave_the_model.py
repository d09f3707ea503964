"""Whatever runs the model on the page leaves it as it was, to the last bit: run to its end, stopped, or failed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from core.model.capture import Capture, capture
from core.model.catalogue import SHIPPED
from core.model.experiments import Experiments
from core.model.facts import LoadedModel
from core.model.resident import Resident
from core.model.tokens import tokenise
from core.progress import silent
from tests.widgets.panels import RUN
from widgets.experiments.run import RunSection
from widgets.lab import Lab
from widgets.panel.panel import FAILED

TEXT = "the cat sat on the mat and the dog sat on the cat"
LONG = 120  # seconds


@pytest.fixture(scope="module")
def resident() -> Resident:
    return Resident()


@pytest.fixture(scope="module")
def loaded(resident: Resident) -> LoadedModel:
    with resident.using(SHIPPED) as held:
        return held.loaded


@pytest.fixture(scope="module")
def shown(loaded: LoadedModel) -> Capture:
    return capture(loaded, TEXT)


@pytest.fixture(params=RUN)
def section(request: pytest.FixtureRequest, resident: Resident, shown: Capture) -> RunSection:
    """On the screen of a page of its own, which remembers no answer; the model is the same for all."""
    lab = Lab(capture=shown)
    lab.laboratory.experiments = Experiments(resident)
    lab.browser.visible = [request.param]
    return getattr(lab, request.param)


def bits(loaded: LoadedModel) -> list[Tensor]:
    """The logits of a pass that asks for nothing, and all weights."""
    with torch.inference_mode():
        token_ids = torch.from_numpy(tokenise(loaded.tokenizer, TEXT))[None]
        logits = loaded.model(input_ids=token_ids, use_cache=False).logits
    return [logits, *(tensor.clone() for tensor in loaded.model.state_dict().values())]


async def after(section: RunSection, work: Callable[[], Any]) -> Any:
    """What comes of work in the section's thread, once its own is done."""
    done = asyncio.get_running_loop().create_future()
    section.session.worker.submit(done, lambda _: work(), lambda *outcome: done.set_result(outcome), silent)
    result, error = await asyncio.wait_for(done, LONG)
    assert error is None
    return result


async def run_to_its_end(section: RunSection, loaded: LoadedModel) -> None:
    section.run.click()
    await after(section, lambda: None)
    assert (section.notice, section.busy) == ("", False)
    assert section.result is not None


async def run_and_stop(section: RunSection, loaded: LoadedModel) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        reached.set()
        assert go_on.wait(LONG)

    in_the_middle(loaded, wait)
    section.run.click()
    await asyncio.to_thread(reached.wait, LONG)
    section.stop.click()
    go_on.set()
    await after(section, lambda: None)
    assert section.notice.startswith("Stopped")
    assert section.result is None


async def run_and_fail(section: RunSection, loaded: LoadedModel) -> None:
    def fail() -> None:
        raise RuntimeError("in the middle of a pass")

    in_the_middle(loaded, fail)
    section.run.click()
    await after(section, lambda: None)
    assert (section.notice, section.result) == (FAILED, None)


def in_the_middle(loaded: LoadedModel, do: Callable[[], None]) -> None:
    """Do something once, in the middle of the next pass."""

    def hook(*_: Any) -> None:
        handle.remove()
        do()

    layers = next(one for one in loaded.model.modules() if isinstance(one, torch.nn.ModuleList))
    handle = layers[loaded.facts.layers // 2].register_forward_pre_hook(hook)


@pytest.mark.parametrize("run", [run_to_its_end, run_and_stop, run_and_fail])
def test_the_model_is_left_as_it_was(section: RunSection, loaded: LoadedModel, run: Any) -> None:
    async def scenario() -> tuple[list[Tensor], list[Tensor]]:
        before = await after(section, lambda: bits(loaded))
        await run(section, loaded)
        return before, await after(section, lambda: bits(loaded))

    before, left = asyncio.run(scenario())
    assert all(torch.equal(*pair) for pair in zip(before, left, strict=True))
    assert not any(module._forward_pre_hooks for module in loaded.model.modules())
