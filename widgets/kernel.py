"""The kernel of a page: IPython's, without what only costs a page time.

The lab's server starts it in place of `ipykernel_launcher` (`widgets.page_kernels.PageKernelManager`), by its path: it
imports nothing of the lab, so a notebook may stand anywhere.
"""

from __future__ import annotations

import sys
from typing import Any

from ipykernel.iostream import OutStream
from ipykernel.kernelapp import IPKernelApp
from traitlets import DottedObjectName


class PageStream(OutStream):
    """A stream that flushes only after something was written.

    A kernel flushes both of its streams after every event and waits for the thread that does it: a millisecond,
    before it says that it is idle, and the page sends the slider's next place only then.
    """

    _written = False

    def write(self, string: str) -> int | None:  # type: ignore[override]  # None too, as ipykernel has it
        self._written = True
        return super().write(string)

    def flush(self) -> None:
        if self._written:
            self._written = False
            super().flush()


class PageKernelApp(IPKernelApp):
    """A kernel whose main loop takes the page's messages itself.

    By itself ipykernel has a thread for that, because of subshells, which only notebooks have: two milliseconds
    a message.
    """

    outstream_class = DottedObjectName(f"{__name__}.PageStream")

    def init_control(self, context: Any) -> None:
        super().init_control(context)
        self.shell_channel_thread = None


if __name__ == "__main__":
    del sys.path[0]  # the folder of this file: names in it are no modules of their own
    PageKernelApp.launch_instance()
