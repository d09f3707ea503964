"""A test's server as the system sees it: its process, and those of the kernels that it has started."""

import time
from urllib.parse import urlsplit

import psutil

from tests.serving import Server


def process_of(server: Server) -> psutil.Process:
    """The server's own."""
    option = f"--port={urlsplit(server.url).port}"
    (leash,) = (process for process in psutil.Process().children() if option in process.cmdline())
    (process,) = leash.children()
    return process


def kernels(server: Server) -> list[psutil.Process]:
    """Those that run for its pages, the oldest first."""
    found = [process for process in process_of(server).children(recursive=True) if is_kernel(process)]
    return sorted(found, key=psutil.Process.create_time)


def is_kernel(process: psutil.Process) -> bool:
    try:
        return "ipykernel_launcher" in process.cmdline()
    except psutil.Error:
        return False


def waiting(server: Server, count: int, seconds: float = 60) -> list[psutil.Process]:
    """Those that were started ahead and ask who opens their page, as soon as there are so many of them."""
    until = time.monotonic() + seconds
    while len(found := [kernel for kernel in kernels(server) if asks(kernel, server)]) < count:
        assert time.monotonic() < until, f"{len(found)} of {count} wait:\n{server.log.read_text()}"
        time.sleep(0.2)
    return found


def asks(kernel: psutil.Process, server: Server) -> bool:
    """Whether it has a connection to the server's own port: a page's goes the other way."""
    try:
        places = [connection.raddr for connection in kernel.net_connections("tcp") if connection.raddr]
    except psutil.Error:
        return False
    return urlsplit(server.url).port in [place.port for place in places]
