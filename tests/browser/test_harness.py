"""What the other browser tests rely on can fail, and ends with the test process."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote

import nbformat
import psutil
import pytest
from playwright.sync_api import Browser, expect

from tests.browser import chromium
from tests.browser.conftest import opened
from tests.browser.helpers import pixels_changed, set_slider_by_keyboard, stable_screenshot
from tests.serving import ROOT, VOILA, serving

BOX = "<p id=box style='width:100px;height:50px;background:red'></p>"
BLINK = BOX + "<script>setInterval(() => { box.style.opacity = Math.random() }, 20)</script>"
OPENED = """
import sys, time
from pathlib import Path
from playwright.sync_api import sync_playwright
from tests.browser.chromium import FLAGS
from tests.serving import VOILA, serving
folder, chromium = Path(sys.argv[1]), sys.argv[2]
with serving(VOILA, folder / "log", folder=folder) as server, sync_playwright() as playwright:
    page = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS)).new_page()
    page.goto(server.url)  # starts a kernel
    print("opened", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def html() -> Iterator[Callable[[str], str]]:
    """`html(body)` is the address of a page with that body, on this machine."""

    class Echo(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(unquote(self.path[1:]).encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("localhost", 0), Echo) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield lambda body: f"http://localhost:{server.server_port}/<title>t</title><link rel=icon href=data:,>{body}"
        server.shutdown()


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("<script>fetch('http://127.0.0.1:9/').catch(() => 0)</script>", "left the page's origin.*127.0.0.1:9"),
        ("<script>new WebSocket('ws://127.0.0.1:9/')</script>", "left the page's origin.*127.0.0.1:9"),
        ("<script>console.error('so it says')</script>", "so it says"),
        ("<script>throw new TypeError('so it fails')</script>", "so it fails"),
    ],
)
def test_page_that_leaves_or_complains_fails(
    browser: Browser, html: Callable[[str], str], body: str, complaint: str
) -> None:
    with pytest.raises(AssertionError, match=complaint), opened(browser, html(body)) as page:
        page.wait_for_timeout(300)


def test_page_may_use_data_and_blobs(browser: Browser, html: Callable[[str], str]) -> None:
    image = "<img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>"
    body = image + "<script>fetch(URL.createObjectURL(new Blob()))</script>"
    with opened(browser, html(body)) as page:
        expect(page).to_have_title("t")
        page.wait_for_timeout(300)


def test_screenshots_agree_twice_and_differ_by_what_changed(browser: Browser, html: Callable[[str], str]) -> None:
    with opened(browser, html(BOX)) as page:
        box = page.locator("#box")
        before = stable_screenshot(page, box)
        box.evaluate("box => box.style.background = 'linear-gradient(90deg, blue 50%, red 50%)'")
        after = stable_screenshot(page, box)
    assert pixels_changed(before, before) == 0
    assert pixels_changed(before, after) == 50 * 50


def test_screenshot_of_what_never_rests_is_refused(browser: Browser, html: Callable[[str], str]) -> None:
    with opened(browser, html(BLINK)) as page, pytest.raises(TimeoutError, match="rest"):
        stable_screenshot(page, page.locator("#box"), seconds=1)


def test_slider_out_of_its_bounds_is_refused(browser: Browser, html: Callable[[str], str]) -> None:
    body = "<p class=lab-control-mask-size><i role=slider tabindex=0 aria-valuenow=2 aria-valuemin=2 aria-valuemax=4>"
    with opened(browser, html(body)) as page, pytest.raises(ValueError, match="5 lies outside 2 … 4"):
        set_slider_by_keyboard(page, "mask_size", 5)


def test_command_that_does_not_serve_shows_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="no-such-notebook"), serving(
        [*VOILA[:3], "no-such-notebook.ipynb", "--no-browser"], tmp_path / "log", folder=tmp_path
    ):
        pass


def test_server_kernel_and_browser_end_when_the_test_process_is_killed(tmp_path: Path, chromium_path: str) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python", "language": "python"}
    nbformat.write(notebook, tmp_path / "app.ipynb")
    command = [sys.executable, "-c", OPENED, tmp_path, chromium_path]
    test = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    assert test.stdout is not None
    assert test.stdout.readline() == b"opened\n"
    started = psutil.Process(test.pid).children(recursive=True)
    running = " ".join(" ".join(process.cmdline()) for process in started)
    assert all(name in running for name in ("voila", "/kernel-", "playwright", "--type=renderer"))
    test.send_signal(signal.SIGKILL)
    test.communicate()
    _, alive = psutil.wait_procs(started, timeout=30)
    assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


def test_stub_on_the_path_is_no_chromium(tmp_path: Path, chromium_path: str) -> None:
    stub = tmp_path / "chromium"
    stub.write_text("#!/bin/sh\necho 'install the snap first' >&2\nexit 1\n")
    stub.chmod(0o755)
    assert not chromium.runs(str(stub))
    assert not chromium.runs(str(tmp_path / "missing"))
    assert chromium.runs(chromium_path)
