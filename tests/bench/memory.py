"""The memory of a kernel: one that shows the stored capture, and one more on a model that others have loaded."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.learner import Learner, get_page
from tests.bench.medium import LENGTHS, medium_folder, text_of
from tests.bench.processes import kernel_process, megabytes
from tests.bench.rows import Measured
from tests.serving import VOILA, serving
from widgets.lab import Lab

PAGES = Path(__file__).with_name("pages")
# A page that knows nothing of the lab, whose settings are those of the whole environment.
MANAGER = "jupyter_server.services.kernels.kernelmanager.ServerKernelManager"
PLAIN = ("--template=lab", "--preheat_kernel=False", f"--MappingKernelManager.kernel_manager_class={MANAGER}")
PRIVATE = ("Private_Clean", "Private_Dirty")


def measure() -> Iterator[Measured]:
    """Both rows, each on servers of its own."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with serving(VOILA, log) as server:
            shown = asyncio.run(showing(server.url))
        with serving([*VOILA[:3], "empty.ipynb", "--no-browser", *PLAIN], log, folder=PAGES) as server:
            empty = megabytes(kernel_process(asyncio.run(get_page(server.url))), "Pss")
        yield Measured("kernel-pss", [shown], [empty], "every part drawn")
        with serving(VOILA, log, environment={"LAB_MODEL": str(medium_folder())}) as server:
            first, further = asyncio.run(running(server.url, text_of(LENGTHS[0]), f"{text_of(LENGTHS[0] - 1)} b"))
        yield Measured("learner-private", [further], [first], f"after a text of {LENGTHS[0]} tokens")


async def showing(url: str) -> float:
    """PSS of a page's kernel, in MB, when every part has been on screen."""
    learner, _ = await Learner.open(url, "scaling")
    for panel in Lab().panels:
        await learner.look_at(panel.name)
    pss = megabytes(kernel_process(learner.kernel), "Pss")
    await learner.leave()
    return pss


async def running(url: str, *texts: str) -> tuple[float, ...]:
    """What the learners' kernels have of their own, in MB, when each has run a text on the same model."""
    learners = []
    for text in texts:
        learner, _ = await Learner.open(url, "raw_scores")
        await learner.run(text)
        learners.append(learner)
    private = tuple(megabytes(kernel_process(learner.kernel), *PRIVATE) for learner in learners)
    for learner in learners:
        await learner.leave()
    return private
