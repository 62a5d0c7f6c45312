"""A name server: `r07.bench.test` is 10.77.1.7 and has no IPv6 address. `python -m benchmarks.names ADDRESS`"""

from __future__ import annotations

import re
import socket
import struct
import sys

from benchmarks.answering import is_ready

_PORT = 53
_HEADER_BYTES = 12  # RFC 1035, section 4.1
_TYPE_A, _CLASS_IN, _TTL_SECONDS = 1, 1, 1
_RESPONSE = 0x8180  # with recursion, no error
_NAME_OF_QUESTION = 0xC000 | _HEADER_BYTES  # a pointer to where it stands
_REGION = re.compile(rb"\x03r(\d\d)\x05bench\x04test\0")
_ADDRESS = "10.77.1.{}"


def answer(query: bytes) -> bytes | None:
    """Return the answer to a query; `None` where it is about something else."""
    asked = _REGION.match(query, _HEADER_BYTES)
    if asked is None:
        return None
    question = query[_HEADER_BYTES : asked.end() + 4]
    (kind,) = struct.unpack_from(">H", query, asked.end())
    records = b""
    if kind == _TYPE_A:
        address = socket.inet_aton(_ADDRESS.format(int(asked[1])))
        records = struct.pack(">HHHIH", _NAME_OF_QUESTION, kind, _CLASS_IN, _TTL_SECONDS, len(address)) + address
    header = query[:2] + struct.pack(">HHHHH", _RESPONSE, 1, bool(records), 0, 0)
    return header + question + records


def main() -> None:
    """Answer until stdin ends."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((sys.argv[1], _PORT))
        is_ready({})
        while True:
            query, client = sock.recvfrom(2048)
            said = answer(query)
            if said is not None:
                sock.sendto(said, client)


if __name__ == "__main__":
    main()
