"""The lab as a learner meets it: served by Voilà, shown by Chromium. A page that breaks its promises fails its test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import chromium
from tests.browser.helpers import PATIENCE, Watch
from tests.browser.pictures import SCALE
from tests.serving import VOILA, Server, serving

DESKTOP = (1280, 800)


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The lab, served as `make app` serves it."""
    with serving(VOILA, tmp_path_factory.mktemp("lab") / "voila.log") as server:
        yield server


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The Chromium of this machine: without one these tests fail, and never pass by being skipped."""
    path = chromium.find()
    if path is None:
        pytest.fail("There is no Chromium: `make test` installs one, or `python -m tests.browser.chromium`.")
    return path


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    """A Chromium for one file of tests: Playwright's event loop must not outlive it, others use asyncio."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=list(chromium.FLAGS))
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, url: str, size: tuple[int, int] = DESKTOP, **options: Any) -> Iterator[Page]:
    """A page of its own at `url`, which must ask nothing of another host and report no error while it is open.

    `options` are those of a Playwright page, such as its colour scheme.
    """
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, **options)
    page.set_default_timeout(PATIENCE)
    watch = Watch(page)
    page.goto(url)
    yield page
    foreign, errors = watch.foreign(), watch.errors
    page.close()
    assert not foreign, f"requests left the page's origin: {foreign}"
    assert not errors, "the page reported errors:\n" + "\n".join(errors)


@pytest.fixture
def open_page(browser: Browser, lab: Server) -> Iterator[Callable[..., Page]]:
    """`open_page(query="?model=…", size=(400, 800))`: as many pages as a test wants, each with a kernel of its own."""
    with ExitStack() as pages:
        yield lambda query="", size=DESKTOP: pages.enter_context(opened(browser, lab.url + query, size))


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """A page just opened at 1280 × 800."""
    return open_page()


@pytest.fixture(scope="module")
def shared_page(browser: Browser, lab: Server) -> Iterator[Page]:
    """One page for all the tests of a file that look and leave it as they found it."""
    with opened(browser, lab.url) as page:
        yield page


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that fails here has one more try; the summary names it as rerun."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A failed test shows what the server said meanwhile."""
    report = yield
    server = getattr(item, "funcargs", {}).get("lab")
    if report.failed and server is not None:
        report.sections.append(("Voilà", Path(server.log).read_text(errors="replace")[-5000:]))
    return report


@pytest.fixture(scope="module")
def blank(browser: Browser) -> Iterator[Page]:
    """An empty page, as fine as the other."""
    page = browser.new_page(device_scale_factor=SCALE)
    yield page
    page.close()
