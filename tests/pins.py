"""`make pins`: every exact pin at the newest release that goes with the others; reasons and order stay."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILES = ("requirements.txt", "binder/hub/requirements.txt", "requirements-test.txt")
PIN = re.compile(r"^([\w.-]+)==([^\s#]+)( *)", re.MULTILINE)


def plain(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def raised(text: str, versions: Mapping[str, str]) -> str:
    """The text of a file of requirements with these versions, by plain names, its remarks left where they stand."""

    def line(pin: re.Match[str]) -> str:
        name = f"{pin[1]}=={versions[plain(pin[1])]}"
        return name.ljust(len(pin[0])) if len(name) < len(pin[0]) else f"{name}  "

    return PIN.sub(line, text)


def newest(names: list[str]) -> dict[str, str]:
    """What pip would install of these packages today, all together, by plain names; nothing is installed.

    Raises CalledProcessError where no releases of all of them go together.
    """
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-"]
    report = json.loads(subprocess.run([*command, *names], check=True, stdout=subprocess.PIPE, text=True).stdout)
    found = (package["metadata"] for package in report["install"])
    return {plain(package["name"]): package["version"].partition("+")[0] for package in found}


if __name__ == "__main__":
    texts = {ROOT / file: (ROOT / file).read_text(encoding="utf-8") for file in FILES}
    versions = newest([pin[1] for text in texts.values() for pin in PIN.finditer(text)])
    for file, text in texts.items():
        file.write_text(raised(text, versions), encoding="utf-8")
