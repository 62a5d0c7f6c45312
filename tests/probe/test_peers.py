"""Hostile peers: whatever one of the readers is sent, the outcome is one that the contract knows.

`pytest --hypothesis-profile=long` takes a hundred times as long; `fuzz/` goes on where this ends.
"""

from __future__ import annotations

import json
import pathlib

import hypothesis
import pytest
from hypothesis import strategies as st

from tests.peers import (
    ACCEPT,
    ENDINGS,
    HEADER,
    HEALTHY,
    PASSWORD,
    PONG,
    QUERY,
    READERS,
    RIGHT_101,
    Said,
    examine,
    feed,
    is_too_late,
    play,
)
from wsconn import Status

CORPUS = pathlib.Path(__file__).parents[1] / "corpus"
MORE = hypothesis.settings(max_examples=hypothesis.settings().max_examples * 3)
by_reader = pytest.mark.parametrize("reader", READERS)

# --- what peers say --------------------------------------------------------------------------------------------------

TRICKS = [
    *(b"\x1b[31m", b"\x00", b"\x07", b"\x9b2J", b"\r", b"\n", b"\xff\xfe", "\u202e\u2066".encode(), b"\xe2\x80\xa8"),
    *("\u3164".encode(), "e\u0301".encode() + "\u0301".encode() * 50, "東".encode() * 150, "\ufe0f\U000e0101".encode()),
    *(QUERY.encode(), f"/path?token={QUERY}".encode(), f"Bearer {HEADER}".encode(), HEADER.encode(), PASSWORD.encode()),
    *(b"x" * 190 + HEADER.encode(), b"%s%n{0}{host}", b"<script>", b"\\x1b", b"'\"`$(id)", b" ", b"", b"," * 300),
    *(b"\x16\x03\x01", b"\x15\x03\x03\x00\x02\x02\x28", b"SSH-2.0-x", b"-1", b"1" * 5000, b"0x10", b"1_0", b"+1"),
]
tricks = st.sampled_from(TRICKS)
bits = st.binary(max_size=30) | tricks
statuses = st.sampled_from([b"101", b"200", b"100", b"103", b"407", b"302", b"503", b"000", b"999", b"20", b"2000"])
names = st.sampled_from(
    [
        *(b"Upgrade", b"Connection", b"Sec-WebSocket-Accept", b"Sec-WebSocket-Protocol", b"Sec-WebSocket-Extensions"),
        *(b"Location", b"Server", b"Retry-After", b"Proxy-Authenticate", b"Content-Length", b"Transfer-Encoding"),
        *(b"Content-Type", b"X", b"", b" X", b"X ", b"\xc3\xa4"),
    ]
)
values = st.sampled_from(
    [
        *(b"websocket", b"Upgrade", ACCEPT, b"chat", b"permessage-deflate", b"chunked", b"gzip", b"0", b"5", b"70000"),
        *(
            b"https://portal.example/?a=b",
            b"30",
            b"Fri, 31 Dec 1999 23:59:59 GMT",
            b'Basic realm="a, b", NTLM',
            b"close",
        ),
    ]
)
ends = st.sampled_from([b"\r\n", b"\n", b"\r\n ", b"\r"])
fields = st.tuples(names, st.sampled_from([b": ", b":", b" : ", b"", b"\t"]), values | bits, ends).map(b"".join)
versions = st.sampled_from([b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0", b"HTTP/1.10", b"http/1.1", b"ICY", b""])
status_lines = st.tuples(versions, st.just(b" "), statuses, st.just(b" "), bits, ends).map(b"".join)
right_fields = st.sampled_from(RIGHT_101.split(b"\r\n")[1:4]).map(b"%b\r\n".__mod__)
heads = st.tuples(
    status_lines | st.just(b"HTTP/1.1 101 OK\r\n") | st.just(b"HTTP/1.1 200 OK\r\n"),
    st.lists(fields | right_fields, max_size=6).map(b"".join),
    st.just(b"\r\n"),
).map(b"".join)

lengths = st.sampled_from([0, 1, 2, 8, 125, 126, 127, 65535, 65536, 131072, 131073, 16 << 20, (16 << 20) + 1, 1 << 63])


@st.composite
def frames(draw: st.DrawFn) -> bytes:
    """A frame's header, right or not, and a payload of that length, or of another."""
    first = draw(st.sampled_from([0x81, 0x82, 0x88, 0x89, 0x8A, 0x01, 0x80]) | st.integers(0, 255))
    length = draw(lengths | st.integers(0, 300))
    size = (
        draw(st.sampled_from([7, 16, 64]))
        if draw(st.booleans())
        else 7
        if length < 126
        else 16
        if length < 65536
        else 64
    )
    short = {7: length & 0x7F, 16: 126, 64: 127}[size]
    written = (length % (1 << size)).to_bytes(size // 8) if size > 7 else b""
    payload = draw(bits | st.just(bytes(min(length, 140_000))) | st.just(b"\x03\xe8" + draw(bits)))
    mask = draw(st.sampled_from([0, 0, 0, 0x80]))
    return bytes([first, mask | short]) + written + payload


texts = st.sampled_from(
    ["wss://a.example/", "ws://a.example:81/x?y=z", "http://a/", "wss://", "wss://\u202e/", "wss://[::1]/"]
)
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | texts,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["worker", "wssUri", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
found = texts | st.text(max_size=30).map("wss://a.example/{}".format) | st.text(max_size=20).map("wss://{}/".format)
answers = st.one_of(
    documents,
    found.map(lambda url: {"worker": {"wssUri": url}}),
    documents.map(lambda value: {"worker": {"wssUri": value}}),
)
bodies = st.tuples(answers, st.sampled_from(["utf-8", "utf-16", "utf-32", "utf-8-sig"]), st.booleans()).map(
    lambda told: json.dumps(told[0], ensure_ascii=told[2]).encode(told[1], "surrogatepass")
)


@st.composite
def discoveries(draw: st.DrawFn) -> bytes:
    """An answer in HTTP with a body in one of the forms that it may have, right or nearly."""
    body = draw(
        bodies
        | bits
        | st.sampled_from([b"[" * 30_000, b"1" * 5000, b'"' + b"x" * 70_000 + b'"', b"[" + b"[]," * 20_000])
    )
    match draw(st.sampled_from(["length", "chunked", "end", "wrong"])):
        case "length":
            return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        case "chunked":
            size = draw(st.integers(1, 70_000))
            pieces = [body[at : at + size] for at in range(0, min(len(body), size * 50), size)]
            chunks = b"".join(
                b"%x%b\r\n%b\r\n" % (len(piece), draw(st.sampled_from([b"", b";x", b" "])), piece) for piece in pieces
            )
            return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%b0\r\n\r\n" % chunks
        case "end":
            return b"HTTP/1.1 200 OK\r\n\r\n" + body
        case _:
            return draw(heads) + draw(bits) + body


octets = st.integers(0, 255).map(lambda value: bytes([value]))
socks5 = st.tuples(
    st.sampled_from([b"\x05\x00", b"\x05\x02\x01\x00", b"\x05\x02\x01\x01", b"\x05\xff", b"\x05\x01", b"\x04\x00"]),
    st.sampled_from([b"\x05\x00\x00", b"\x05\x00\x01"]) | octets.map(lambda code: b"\x05" + code + b"\x00"),
    st.sampled_from(
        [
            b"\x01" + bytes(6),
            b"\x04" + bytes(18),
            b"\x03\x03abc\x00\x00",
            b"\x03\x02\xff\xfe\x00\x00",
            b"\x03\x00\x00\x00",
        ]
    )
    | bits,
).map(b"".join)
socks4 = st.tuples(octets | st.just(b"\x00"), octets | st.just(b"\x5a"), st.binary(min_size=6, max_size=6)).map(
    b"".join
)
tails = st.just(HEALTHY) | heads | bits

WORDS: dict[str, st.SearchStrategy[bytes]] = {
    "connect": st.tuples(heads, tails).map(b"".join),
    "socks4": st.tuples(socks4, tails).map(b"".join),
    "socks5": st.tuples(socks5, tails).map(b"".join),
    "discovery": discoveries(),
    "upgrade": st.tuples(heads | st.just(RIGHT_101), st.just(PONG) | frames() | bits).map(b"".join),
    "frames": st.lists(frames() | st.just(PONG), min_size=1, max_size=3).map(b"".join),
}
RIGHT = {
    "connect": b"HTTP/1.1 200 OK\r\n\r\n" + HEALTHY,
    "socks4": b"\x00\x5a" + bytes(6) + HEALTHY,
    "socks5": b"\x05\x02\x01\x00\x05\x00\x00\x01" + bytes(6) + HEALTHY,
    "discovery": b'HTTP/1.1 200 OK\r\n\r\n{"worker": {"wssUri": "wss://a.example/x"}}',
    "upgrade": HEALTHY,
    "frames": PONG,
}


@st.composite
def mutated(draw: st.DrawFn, words: st.SearchStrategy[bytes]) -> bytes:
    """What was said with some of it cut out, doubled, or replaced by something else."""
    said = draw(words)
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(said)))
        end = min(len(said), start + draw(st.integers(0, 20)))
        said = said[:start] + draw(bits | st.just(said[start:end] * 2)) + said[end:]
    return said


def said(words: st.SearchStrategy[bytes]) -> st.SearchStrategy[Said]:
    """In any pieces, with any ending; silence is rarer, since it takes its time."""
    endings = st.sampled_from([*ENDINGS[:2] * 4, "silence"])
    pieces = st.sampled_from([1, 2, 3, 7, 64, 1000, 16 * 1024])
    return st.builds(Said, words, endings, pieces, st.sampled_from([False] * 6 + [True]))


# --- what comes of it ------------------------------------------------------------------------------------------------


@pytest.mark.promise(4)
@by_reader
@pytest.mark.parametrize("piece", [1, 3, 100, 16 * 1024])
def test_a_right_answer_passes_in_any_pieces(reader: str, piece: int) -> None:
    """What a healthy peer says is taken, wherever it is cut: else nothing below would mean much."""
    played = play(reader, Said(RIGHT[reader], piece=piece))
    examine(played)
    assert played.outcome.status is Status.PASSED, played.outcome


@pytest.mark.promise(4)
@by_reader
@hypothesis.given(data=st.data())
@MORE
def test_whatever_a_peer_says(reader: str, data: st.DataObject) -> None:
    """Right answers with changes, and wrong ones: no exception, no pass without proof, no cause that is not listed."""
    words = WORDS[reader] | st.just(RIGHT[reader])
    examine(play(reader, data.draw(said(words | mutated(words)))))


@pytest.mark.promise(4)
@by_reader
@hypothesis.given(words=st.binary(max_size=200) | tricks)
def test_whatever_bytes_come(reader: str, words: bytes) -> None:
    """Bytes of no kind at all, and those that are known to confuse."""
    examine(play(reader, Said(words)))


@pytest.mark.promise(1)
@by_reader
@hypothesis.given(words=tricks | bits | heads | frames(), times=st.sampled_from([1000, 100_000]))
@hypothesis.settings(max_examples=max(20, hypothesis.settings().max_examples // 5))
def test_whatever_comes_without_end(reader: str, words: bytes, times: int) -> None:
    """The budget holds, and what comes first decides."""
    begins = RIGHT[reader].partition(b"\r\n\r\n")[0] + b"\r\n" if times == 1000 else b""
    endless = (words or b"x") * (times // max(1, len(words) // 4))
    examine(play(reader, Said(begins + endless[:400_000])))


@by_reader
def test_the_corpus(reader: str) -> None:
    """Everything that a fuzzer found worth keeping."""
    files = sorted((CORPUS / reader).iterdir())
    assert files
    for file in files:
        feed(reader, file.read_bytes())


@hypothesis.given(said(st.binary(max_size=50)))
def test_the_corpus_can_be_written(told: Said) -> None:
    """What is said can be kept as a file, and comes back as it was, but for pieces that are larger than 255."""
    assert Said.read(told.write()) == (
        told if told.piece < 256 else Said(told.words, told.ending, unasked=told.unasked)
    )


def test_every_cause_of_a_reader_is_reached() -> None:
    """The lists of what may come of a reader are not longer than what does."""
    plays = [
        (reader.name, play(reader.name, Said.read(file.read_bytes())))
        for reader in CORPUS.iterdir()
        for file in reader.iterdir()
    ]
    reached = {
        (name, failure.stage, failure.cause, is_too_late(played))
        for name, played in plays
        if (failure := played.outcome.failure)
    }
    allowed = {
        (name, stage, cause)
        for name, reader in READERS.items()
        for stage, causes in reader.causes.items()
        for cause in causes
    }
    assert {entry[:3] for entry in reached if not entry[3]} <= allowed
    first = {name: next(iter(reader.causes)) for name, reader in READERS.items()}
    assert {entry for entry in allowed if entry[1] is first[entry[0]]} - {entry[:3] for entry in reached} == set()
