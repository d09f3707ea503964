"""The Chromium that drives the page: found on this machine, or installed by `python -m tests.browser.chromium`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APT = "apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y chromium"
# Software rendering, no sandbox (root has none), and nothing asked of the network beside the page itself.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find() -> str | None:
    """Where a Chromium lies that runs: on the path, else Playwright's own; None when there is none."""
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    candidates = [*filter(None, map(shutil.which, NAMES)), own]
    return next(filter(runs, candidates), None)


def runs(program: str) -> bool:
    """Whether `program` starts: some systems put a stub on the path that only says what to install."""
    if not os.access(program, os.X_OK):
        return False
    return subprocess.run([program, "--version"], capture_output=True, check=False).returncode == 0


def install() -> str:
    """Finds a Chromium or installs one: as root on Debian with apt, else Playwright's own build.

    Raises:
        SystemExit: none could be had.
    """
    commands = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if os.geteuid() == 0 and Path("/etc/debian_version").exists():
        commands.insert(0, ["sh", "-c", APT])
    while not (found := find()) and commands:
        subprocess.run(commands.pop(0), check=False)
    return found or sys.exit("No Chromium could be installed: the browser tests need one on the path.")


if __name__ == "__main__":
    print("Browser tests use", install())
