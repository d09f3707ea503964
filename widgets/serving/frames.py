"""What comes in by a page's websocket, before Jupyter reads it.

A binary frame begins with a table: how many parts it has, and where each of them begins. jupyter_server believes it
(`jupyter_server.services.kernels.connection.base`): it makes as many numbers as the table says, which eight bytes can
say are 2⁶⁴, and cuts out each part, though all of them may be the whole frame.
"""

from __future__ import annotations

from typing import Literal

V1 = "v1.kernel.websocket.jupyter.org"
MOST_PARTS = 1000
"""A page's widgets send four or five."""


def check(frame: bytes | str, protocol: str | None) -> None:
    """Refuses a frame whose table says what cannot be; what its parts say is not looked at.

    Args:
        protocol: the subprotocol of the websocket: V1, or None for Jupyter's older one.

    Raises:
        ValueError: the table does not fit the frame, or V1 was agreed upon and the frame is text.
    """
    if protocol == V1:
        if isinstance(frame, str):
            raise ValueError("text where bytes were agreed upon")
        # Its channel, header, parent header, metadata, content and the end of the last one.
        check_table(frame, 8, "little", fewest=6)
    elif isinstance(frame, bytes):
        check_table(frame, 4, "big", fewest=1)


def check_table(frame: bytes, width: int, order: Literal["little", "big"], fewest: int) -> None:
    """Refuses a table of numbers `width` bytes long unless its parts follow each other within the frame."""
    count = int.from_bytes(frame[:width], order)
    start = width * (count + 1)
    if not fewest <= count <= MOST_PARTS or start > len(frame):
        raise ValueError(f"a table of {count} numbers in a frame of {len(frame)} bytes")
    numbers = [int.from_bytes(frame[at : at + width], order) for at in range(width, start, width)]
    places = [start, *numbers, len(frame)]
    if places != sorted(places):
        raise ValueError("parts that overlap or lie outside the frame")
