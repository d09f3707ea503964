"""A kernel that is killed: its page gets another one, or says so at once."""

import time
from collections.abc import Iterator

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.helpers import PATIENCE
from tests.page_kernels import kernels, waiting
from tests.serving import VOILA, Server, serving
from widgets.serving.kernels import GROWN

AT_ONCE = 5_000  # ms
NOTICED = 1.5  # seconds after which the server knows that a kernel is dead
SAYS = "document.querySelector('#lab-start')?.textContent.startsWith({!r})"
READY = "document.documentElement.classList.contains('lab-ready')"
ENDED = "Python has ended before the page was there. Reload the page."
LOST = "The connection to Python is lost. Reload the page to go on."


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving([*VOILA, "--pool_size=2"], tmp_path_factory.mktemp("dying") / "log") as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Not yet opened; it may complain, as its kernel is gone."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(PATIENCE)
    yield page
    page.close()


def grown(server: Server) -> list[psutil.Process]:
    """The two that wait, old enough that others are started when they die."""
    found = waiting(server, 2)
    time.sleep(max(0.0, GROWN + 1 - (time.time() - found[-1].create_time())))
    return found


def test_the_next_living_kernel_is_taken(server: Server, page: Page) -> None:
    dead, alive = grown(server)
    dead.kill()
    time.sleep(NOTICED)
    page.goto(server.url)
    page.wait_for_function(READY)
    page.wait_for_timeout(NOTICED * 1000)
    assert alive.is_running()
    expect(page.locator(".lab-lost")).to_be_empty()


def test_where_all_are_dead_another_is_started(server: Server, page: Page) -> None:
    for kernel in grown(server):
        kernel.kill()
    time.sleep(NOTICED)
    page.goto(server.url)
    page.wait_for_function(READY)
    expect(page.locator(".lab-lost")).to_be_empty()


def test_a_page_that_is_opened_at_once_gets_a_kernel_or_the_words(server: Server, page: Page) -> None:
    for kernel in grown(server):
        kernel.kill()
    page.goto(server.url)
    opened = time.monotonic()
    page.wait_for_function(f"{READY} || {SAYS.format(ENDED)}", polling=100)
    assert page.evaluate(READY) or time.monotonic() - opened < AT_ONCE / 1000


def test_a_kernel_that_dies_while_the_page_is_laid_out_is_missed(server: Server, page: Page) -> None:
    grown(server)
    page.goto(server.url, wait_until="commit")
    page.wait_for_function(SAYS.format("Laying out"), polling=20)
    for kernel in kernels(server):
        kernel.kill()
    words = f"{SAYS.format(ENDED)} || document.querySelector('.lab-lost')?.textContent === {LOST!r}"
    page.wait_for_function(words, timeout=AT_ONCE)


def test_a_kernel_that_dies_while_the_notebook_is_read_is_missed(server: Server, page: Page) -> None:
    for kernel in grown(server):
        kernel.kill()
    time.sleep(NOTICED)
    page.goto(server.url, wait_until="commit")
    page.wait_for_function(SAYS.format("Reading the notebook"), polling=20)
    for kernel in kernels(server):
        kernel.kill()
    page.wait_for_function(f"{SAYS.format('The notebook could not be run')} || {SAYS.format(ENDED)}", timeout=AT_ONCE)
