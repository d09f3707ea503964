"""A class on one machine: learners who open the page, move the layer and run texts, over real websockets."""

from __future__ import annotations

import asyncio
import itertools
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from tornado.httpclient import HTTPError
from tornado.websocket import WebSocketClosedError

from core.model.texts import SAMPLES
from tests.bench.learner import FOLLOWING, Learner, Wrong
from tests.bench.processes import family, megabytes
from tests.bench.rows import Measured
from tests.bench.wire import Lost
from tests.serving import VOILA, serving

LEARNERS, ARRIVAL, LESSON = 30, 30, 120
"""How many they are; seconds in which they come, and seconds that each moves the layer for."""
MOVE_EVERY, RUN_EVERY, RUNNERS = 2, 10, 2
"""Seconds between two moves, between two texts; how many run texts."""
ALONE = 20  # seconds of a lesson that a learner has alone, to compare the class with
LONGEST = 120  # seconds that a kernel without a page is waited for
WEIGH_EVERY = 10  # seconds
FAILURES = (OSError, TimeoutError, Lost, Wrong, HTTPError, WebSocketClosedError)


@dataclass
class Notes:
    """What learners saw: seconds for the page, for each move and each text, and what failed."""

    opened: list[float] = field(default_factory=list)
    moved: list[float] = field(default_factory=list)
    ran: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    gigabytes: float = 0.0
    """The most that the server and all its kernels took."""


def measure(learners: int = LEARNERS, lesson: float = LESSON) -> Iterator[Measured]:
    """All rows, on one server."""
    with tempfile.TemporaryDirectory() as folder, serving(VOILA, Path(folder) / "log") as server:
        alone, together = asyncio.run(meeting(server.url, learners, lesson))
        closed, left, stayed = asyncio.run(leaving(server.url))
    causes = ", ".join(f"{count} × {cause}" for cause, count in Counter(together.failures).items())
    yield Measured("class-failures", [len(together.failures)], [len(alone.failures)], causes)
    yield Measured("class-layer", milliseconds(together.moved), milliseconds(alone.moved), note(together.ran))
    yield Measured("class-memory", [together.gigabytes], [alone.gigabytes], "PSS of the server and all kernels")
    yield Measured("class-open", together.opened, alone.opened, "with the charts of the part on screen")
    yield Measured("closed-tab", [left], [stayed], f"{closed:.1f} s where the browser could say so")


async def meeting(url: str, learners: int, lesson: float) -> tuple[Notes, Notes]:
    """One learner alone, then the class."""
    alone, together = Notes(), Notes()
    async with weighed(alone):
        await attend(url, alone, FOLLOWING[0], ALONE, runs=True)
    async with weighed(together):
        arrivals = ((number, number * ARRIVAL / LEARNERS) for number in range(learners))
        await asyncio.gather(
            *(
                attend(url, together, FOLLOWING[number % len(FOLLOWING)], lesson, arrival, runs=number < RUNNERS)
                for number, arrival in arrivals
            )
        )
    return alone, together


async def attend(url: str, notes: Notes, part: str, lesson: float, arrival: float = 0, runs: bool = False) -> None:
    """A learner who comes after `arrival` seconds and stays for a lesson."""
    await asyncio.sleep(arrival)
    try:
        learner, seconds = await Learner.open(url, part)
    except FAILURES as failure:
        notes.failures.append(f"opening: {failure!r}")
        return
    notes.opened.append(seconds)
    until = time.monotonic() + lesson
    layers, samples = itertools.cycle(range(learner.layers)), itertools.cycle(SAMPLES)
    async with asyncio.TaskGroup() as group:
        group.create_task(keep_on(lambda: learner.move(next(layers)), MOVE_EVERY, until, notes.moved, notes))
        if runs:
            name = uuid.uuid4().hex  # new to the store of captures as well
            texts = (f"{next(samples).text} {name} {number}" for number in itertools.count())
            group.create_task(keep_on(lambda: learner.run(next(texts)), RUN_EVERY, until, notes.ran, notes))
    await learner.leave()


async def keep_on(
    work: Callable[[], Awaitable[float]], every: float, until: float, times: list[float], notes: Notes
) -> None:
    """Do something every so many seconds; what it takes goes to `times`, and a failure ends it."""
    while time.monotonic() < until:
        start = time.monotonic()
        try:
            times.append(await work())
        except FAILURES as failure:
            notes.failures.append(repr(failure))
            return
        await asyncio.sleep(max(0.0, start + every - time.monotonic()))


@asynccontextmanager
async def weighed(notes: Notes) -> AsyncIterator[None]:
    """Look at the memory while something goes on."""

    def weigh() -> None:
        notes.gigabytes = max(notes.gigabytes, sum(megabytes(process, "Pss") for process in family()) / 1000)

    async def watch() -> None:
        while True:
            await asyncio.to_thread(weigh)
            await asyncio.sleep(WEIGH_EVERY)

    watching = asyncio.ensure_future(watch())
    try:
        yield
    finally:
        watching.cancel()


async def leaving(url: str) -> tuple[float, float, float]:
    """How long a kernel stays: when its tab is closed, when its connection breaks, and while its page is read."""
    reader, closing, lost = [(await Learner.open(url, FOLLOWING[0]))[0] for _ in range(3)]
    start = time.monotonic()
    lost.wire.close()
    await closing.leave()
    closed, left = await asyncio.gather(gone(closing, start), gone(lost, start))
    await reader.move(0)  # it answers still
    stayed = time.monotonic() - start
    await reader.leave()
    return closed, left, stayed


async def gone(learner: Learner, start: float) -> float:
    """Seconds until the server has given up a learner's kernel; at most LONGEST."""
    while await learner.kernel_lives() and time.monotonic() < start + LONGEST:
        await asyncio.sleep(0.5)
    return time.monotonic() - start


def note(texts: list[float]) -> str:
    """What new texts took, beside the moves."""
    if not texts:
        return "no new text came on show"
    return f"new texts: median {np.median(texts):.2f} s, p95 {np.quantile(texts, 0.95):.2f} s"


def milliseconds(seconds: list[float]) -> list[float]:
    return [1000 * each for each in seconds]
