"""Work off the main loop: delivered on it, the newest request only."""

import asyncio
import threading

import pytest

from core.progress import Progress
from widgets.worker import Superseded, Worker


def ignore(_: float) -> None:
    pass


def test_without_a_loop_the_work_is_done_at_once() -> None:
    outcomes, told = [], []

    def work(report: Progress) -> int:
        report(0.5)
        return 7

    Worker("test").submit(object(), work, lambda *outcome: outcomes.append(outcome), told.append)
    assert (outcomes, told) == ([(7, None)], [0.5])


def test_result_and_progress_arrive_on_the_loop() -> None:
    threads = {}

    async def scenario() -> tuple[int, Exception | None]:
        done = asyncio.get_running_loop().create_future()

        def work(report: Progress) -> int:
            threads["work"] = threading.current_thread()
            report(0.5)
            return 7

        def told(_: float) -> None:
            threads["progress"] = threading.current_thread()

        def finish(*outcome: object) -> None:
            threads["done"] = threading.current_thread()
            done.set_result(outcome)

        Worker("test").submit(object(), work, finish, told)
        return await asyncio.wait_for(done, 10)

    assert asyncio.run(scenario()) == (7, None)
    main = threading.main_thread()
    assert (threads["progress"], threads["done"]) == (main, main)
    assert threads["work"] is not main


def test_an_error_is_handed_on() -> None:
    outcomes = []

    def work(_: Progress) -> None:
        raise ValueError("no")

    Worker("test").submit(object(), work, lambda *outcome: outcomes.append(outcome), ignore)
    ((result, error),) = outcomes
    assert result is None
    with pytest.raises(ValueError, match="no"):
        raise error


@pytest.mark.parametrize("drop", [False, True])
def test_the_newest_request_wins(drop: bool) -> None:
    """A running job learns that it is not wanted, a waiting one never runs, and neither is delivered."""
    ran, delivered, stopped = [], [], []

    async def scenario() -> None:
        loop, worker, owner = asyncio.get_running_loop(), Worker("test"), object()
        started, release, finished = asyncio.Event(), threading.Event(), asyncio.Event()

        def slow(report: Progress) -> str:
            ran.append("first")
            loop.call_soon_threadsafe(started.set)
            release.wait(10)
            try:
                report(0.5)
            except Superseded:
                stopped.append("first")
                raise
            return "first"

        def job(name: str) -> None:
            worker.submit(owner, lambda _: ran.append(name) or name, lambda result, _: delivered.append(result), ignore)

        worker.submit(owner, slow, lambda result, _: delivered.append(result), ignore)
        await asyncio.wait_for(started.wait(), 10)
        job("second")
        job("third")
        if drop:
            worker.drop(owner)
        # Another owner's work comes after all of it.
        worker.submit(object(), lambda _: None, lambda *_: finished.set(), ignore)
        release.set()
        await asyncio.wait_for(finished.wait(), 10)

    asyncio.run(scenario())
    assert stopped == ["first"]
    assert ran == (["first"] if drop else ["first", "third"])
    assert delivered == ([] if drop else ["third"])
