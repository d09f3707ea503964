"""A kernel that was started ahead of need waits here until somebody opens its page."""

from __future__ import annotations

import json
import logging
import os


def wait_for_request() -> None:
    """Return once the page is asked for, with what the request says in the environment, `QUERY_STRING` above all.

    Returns at once in a kernel that was started for a page, or for a notebook. Voilà has the same as
    `voila.utils.wait_for_request`, which brings the whole server into the kernel: 44 MB and more than a second.
    """
    if os.environ.get("VOILA_PREHEAT") != "True":
        return
    from websockets.exceptions import WebSocketException  # of use only here
    from websockets.sync.client import connect

    said = os.environ.get
    host, port = said("VOILA_APP_IP", "127.0.0.1"), said("VOILA_APP_PORT")
    address = f"ws://{host}:{port}{said('VOILA_SERVER_URL')}voila/query/{said('VOILA_KERNEL_ID')}"
    try:
        # However long it takes: a server that starts many kernels answers late.
        with connect(address, proxy=None, open_timeout=None, ping_interval=None) as server:
            os.environ.update(json.loads(server.recv()))
    except (OSError, ValueError, WebSocketException) as error:  # the page opens, only its address is not heard of
        logging.getLogger(__name__).warning("%s does not answer: %s", address, error)
