"""A class on one machine: the hub with three learners in Chromium, each in a lab of their own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from tests.browser import chromium
from tests.browser.helpers import PATIENCE, Watch, slider, wait_for_part
from tests.class_hub import LAB, PASSWORD, class_hub
from tests.serving import Server

LINK = f"hub/user-redirect/{LAB}?model=nonsense"  # a query that the page answers to, whatever model ships


class Learner(NamedTuple):
    """Somebody who has logged in and opened the lab; `watch` sees what the page asks for and complains about."""

    name: str
    context: BrowserContext
    page: Page
    watch: Watch

    def kernels(self, of: str) -> list[dict[str, str]] | int:
        """The kernels of somebody's server as this learner is told, or the status of a refusal."""
        reply = self.context.request.get(f"/user/{of}/api/kernels")
        return reply.json() if reply.ok else reply.status


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with class_hub(tmp_path_factory.mktemp("hub")) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium.find()
    assert path is not None, "There is no Chromium: `make test` installs one."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(chromium.FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def learners(hub: Server, browser: Browser) -> list[Learner]:
    """Three learners who have followed one link, all at once."""
    class_ = [arrive(browser, hub.url, f"learner{seat}") for seat in (1, 2, 3)]
    for learner in class_:
        learner.page.wait_for_url(f"**/user/{learner.name}/{LAB}*", timeout=4 * PATIENCE)
        slider(learner.page, "layer").wait_for(timeout=2 * PATIENCE)
    return class_


def arrive(browser: Browser, url: str, name: str) -> Learner:
    """Follows the link and logs in; does not wait for the server."""
    context = browser.new_context(base_url=url, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(2 * PATIENCE)
    page.goto(f"/{LINK}")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click(no_wait_after=True)
    return Learner(name, context, page, Watch(page))


def drag(handle: Locator, pixels: int) -> None:
    """Takes a slider by its handle and moves it to the right, or to the left."""
    box = handle.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse = handle.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + pixels, y, steps=10)
    mouse.up()


def numbers(page: Page) -> str:
    """What part 4 says in numbers."""
    panel = wait_for_part(page, 4)
    panel.evaluate("panel => panel.scrollIntoView()")  # past its sections
    return panel.locator("> .lab-numbers").inner_text()


def test_learners_open_the_lab_under_paths_of_their_own(learners: list[Learner]) -> None:
    for learner in learners:
        assert f"/user/{learner.name}/{LAB}" in learner.page.url
        expect(learner.page.locator(".lab-strip")).to_contain_text("nonsense", timeout=PATIENCE)
        assert not learner.watch.foreign(), "a class has no network but this machine"
        assert not learner.watch.errors


def test_a_dragged_layer_moves_the_charts_of_its_learner_alone(learners: list[Learner]) -> None:
    before = [numbers(learner.page) for learner in learners]
    layers = [slider(learner.page, "layer") for learner in learners]
    assert len({handle.get_attribute("aria-valuenow") for handle in layers}) == 1
    last = layers[0].get_attribute("aria-valuemax") or ""
    drag(layers[0], 1000)
    drag(layers[1], -1000)
    expect(layers[0]).to_have_attribute("aria-valuenow", last)
    expect(layers[1]).to_have_attribute("aria-valuenow", "0.0")
    for learner, said in zip(learners[:2], before[:2], strict=True):
        expect(learner.page.locator(".lab-part-raw_scores > .lab-numbers")).not_to_have_text(said, timeout=PATIENCE)
    first, second, third = (numbers(learner.page) for learner in learners)
    assert third == before[2]
    assert len({first, second, third}) == 3


def test_a_learner_cannot_enter_the_server_of_another(learners: list[Learner], browser: Browser, hub: Server) -> None:
    here, other, _ = learners
    refused = here.context.request.get(f"/user/{other.name}/{LAB}")
    assert refused.status == 403
    assert here.kernels(of=other.name) == 403
    with browser.new_context(base_url=hub.url) as stranger:
        assert "/hub/login" in stranger.request.get(f"/user/{other.name}/{LAB}").url


def test_each_page_has_one_kernel_which_ends_with_it(learners: list[Learner]) -> None:
    kernels = [learner.kernels(of=learner.name) for learner in learners]
    assert [len(mine) for mine in kernels] == [1, 1, 1]
    assert len({mine[0]["id"] for mine in kernels}) == 3
    for learner in learners:
        learner.page.close(run_before_unload=True)
    until = time.monotonic() + PATIENCE / 1000
    while left := [learner.name for learner in learners if learner.kernels(of=learner.name) != []]:
        assert time.monotonic() < until, f"the kernels of {left} outlive their pages"
        time.sleep(0.5)
