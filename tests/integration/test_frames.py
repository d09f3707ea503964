"""What comes in by a page's websocket and is no message: its own connection ends, and nobody else notices."""

import asyncio
import json
import struct
import uuid
from collections.abc import Iterator
from urllib.parse import urljoin

import pytest
from jupyter_server.services.kernels.connection.base import serialize_binary_message
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from tests.bench.learner import Learner
from tests.page_kernels import process_of
from tests.serving import VOILA, Server, serving
from widgets.serving.frames import MOST_PARTS, V1, check

PATIENCE = 20  # seconds
SAID = "is no message, its connection is closed"
HEADER = {"msg_id": "1", "msg_type": "comm_msg", "session": "1", "username": "", "version": "5.3"}
MESSAGE = {"header": HEADER, "parent_header": {}, "metadata": {}, "content": {}}


def v1(*numbers: int, parts: bytes = b"") -> bytes:
    """A frame whose table says these numbers, the first of them how many follow."""
    return b"".join(number.to_bytes(8, "little") for number in numbers) + parts


def older(*numbers: int, parts: bytes = b"") -> bytes:
    return struct.pack(f"!{len(numbers)}I", *numbers) + parts


def v1_of(*parts: bytes, channel: bytes = b"shell") -> bytes:
    """A frame of these parts, with the table that fits them."""
    places = [8 * (len(parts) + 3)]
    for part in (channel, *parts):
        places.append(places[-1] + len(part))
    return v1(len(places), *places, parts=channel + b"".join(parts))


def older_of(message: object) -> bytes:
    return older(1, 8, parts=json.dumps(message).encode())



def question(protocol: str | None) -> bytes | str:
    """A message that the kernel answers; it hears none twice."""
    header = {**HEADER, "msg_id": uuid.uuid4().hex, "msg_type": "kernel_info_request"}
    asked = {**MESSAGE, "header": header, "channel": "shell"}
    return v1_of(*(json.dumps(asked[part]).encode() for part in MESSAGE)) if protocol else json.dumps(asked)


NO_MESSAGES: dict[str, tuple[str | None, bytes | str]] = {
    "v1, eight times 255": (V1, b"\xff" * 8),
    "v1, four times 255": (V1, b"\xff" * 4),
    "v1, 16 in four bytes": (V1, b"\x10\0\0\0"),
    "v1, nothing": (V1, b""),
    "v1, one byte": (V1, b"\0"),
    "v1, no parts": (V1, v1(0)),
    "v1, a table that the frame does not hold": (V1, v1(6, 56)),
    "v1, two parts": (V1, v1_of(b"{}", b"{}")),
    "v1, more parts than a message has": (V1, v1_of(*[b""] * (MOST_PARTS + 1))),
    "v1, parts that go backwards": (V1, v1(6, 56, 61, 63, 60, 61, 63, parts=b"shell{}{}{}{}")),
    "v1, parts that are the whole frame": (V1, v1(102, 0, 824, *[0, 10**6] * 50, parts=bytes(10**6))),
    "v1, parts behind the frame": (V1, v1(6, 56, 61, 63, 65, 67, 2**63, parts=b"shell{}{}{}{}")),
    "v1, a table that begins in itself": (V1, v1(6, 0, 5, 7, 9, 11, 13, parts=b"shell{}{}{}{}")),
    "v1, a channel of no letters": (V1, v1_of(b"{}", b"{}", b"{}", b"{}", channel=b"\xff")),
    "v1, a header that is not JSON": (V1, v1_of(b"\xff", b"{}", b"{}", b"{}")),
    "v1, a header that is a list": (V1, v1_of(b"[]", b"{}", b"{}", b"{}")),
    "v1, a header of null": (V1, v1_of(b"null", b"{}", b"{}", b"{}")),
    "v1, a header without a type": (V1, v1_of(b"{}", b"{}", b"{}", b"{}")),
    "v1, a header too deep": (V1, v1_of(b"[" * 10**5, b"{}", b"{}", b"{}")),
    "v1, text": (V1, "hello"),
    "v1, a message as text": (V1, json.dumps({**MESSAGE, "channel": "shell"})),
    "older, eight times 255": (None, b"\xff" * 8),
    "older, four times 255": (None, b"\xff" * 4),
    "older, 268 million parts": (None, b"\x10\0\0\0"),
    "older, two thousand million parts": (None, b"\x7f\xff\xff\xff"),
    "older, nothing": (None, b""),
    "older, no parts": (None, older(0)),
    "older, a table that the frame does not hold": (None, older(3, 16)),
    "older, parts that go backwards": (None, older(2, 14, 12, parts=b"{}{}")),
    "older, parts behind the frame": (None, older(2, 12, 2**32 - 1, parts=b"{}")),
    "older, not JSON": (None, older(1, 8, parts=b"\xff")),
    "older, a list": (None, older_of([])),
    "older, no header": (None, older_of({"channel": "shell"})),
    "older, a channel that is a list": (None, older_of({**MESSAGE, "channel": []})),
    "older, text": (None, "hello"),
    "older, text of a list": (None, "[]"),
    "older, text too deep": (None, "[" * 10**5),
    "older, text without a header": (None, '{"channel": "shell"}'),
    "older, text with a header that is a number": (None, '{"channel": "shell", "header": 1}'),
    "older, text that JSON does not have": (None, json.dumps({**MESSAGE, "channel": "shell", "content": "\ud800"})),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving([*VOILA, "--pool_size=2"], tmp_path_factory.mktemp("frames") / "log") as running:
        yield running


async def send(server: Server, kernel: str, protocol: str | None, frame: bytes | str) -> int | None:
    """Sends it on a connection of its own, like a page that is there already; how the server closes it."""
    address = urljoin(server.url, f"api/kernels/{kernel}/channels?session_id={id(frame)}").replace("http", "ws", 1)
    socket = await websocket_connect(HTTPRequest(address), subprotocols=[protocol] if protocol else None)
    hello = question(protocol)
    await socket.write_message(hello, binary=isinstance(hello, bytes))
    await socket.read_message()  # the kernel has heard it
    await socket.write_message(frame, binary=isinstance(frame, bytes))
    while await socket.read_message() is not None:
        pass
    return socket.close_code


def test_no_message_ends_its_connection_with_one_line_and_others_work_on(server: Server) -> None:
    async def scenario() -> None:
        learner, _ = await Learner.open(server.url, "heads")
        other, _ = await Learner.open(server.url, "scaling")
        before = process_of(server).memory_info().rss
        for name, (protocol, frame) in NO_MESSAGES.items():
            said = len(lines(server))
            closing = send(server, learner.kernel, protocol, frame)
            code, _ = await asyncio.wait_for(asyncio.gather(closing, learner.move(1)), PATIENCE)
            assert code == 1007, name
            new = lines(server)[said:]
            assert len(new) == 1, (name, new)
            assert SAID in new[0], name
            await asyncio.wait_for(learner.move(0), PATIENCE)
        await asyncio.wait_for(other.move(0), PATIENCE)
        assert process_of(server).memory_info().rss - before < 50e6
        for each in (learner, other):
            await each.leave()

    asyncio.run(scenario())


def lines(server: Server) -> list[str]:
    """What it has said, but for pyzmq's word of an answer that came for the connection while it was being closed."""
    return [line for line in server.log.read_text().splitlines() if not line.startswith("Got events for closed stream")]


@pytest.mark.parametrize("buffers", [(), (b"1",), (b"",) * 4])
def test_what_a_page_sends_is_a_message(buffers: tuple[bytes, ...]) -> None:
    check(v1_of(*(json.dumps(part).encode() for part in MESSAGE.values()), *buffers), V1)
    check(serialize_binary_message({**MESSAGE, "buffers": buffers}), None)
    check(json.dumps(MESSAGE), None)
