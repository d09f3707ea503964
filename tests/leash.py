"""`python leash.py COMMAND …` runs a command for as long as its own standard input stays open.

A test process holds the other end. However that process goes (finished, failed, killed), the pipe closes, and the
command ends with all that it started in its process group.
"""

import os
import signal
import subprocess
import sys
from threading import Thread

GRACE = 10  # seconds for the command to end by itself, so that a server can end its kernels


def main(command: list[str]) -> None:
    """Runs `command`; returns never: ends with its status, or by its own signal."""
    os.setpgrp()  # a group of their own, which ends as one
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    Thread(target=lambda: os._exit(abs(process.wait())), daemon=True).start()
    sys.stdin.read()
    process.terminate()
    try:
        process.wait(GRACE)
    finally:
        os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1:])
