"""Answers that open a WebSocket, in every spelling that the rules allow."""

from __future__ import annotations

from hypothesis import strategies as st

KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455, section 1.3
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
tokens = st.text(st.sampled_from("abcXYZ09-_"), min_size=1, max_size=8)
spaces = st.text(st.sampled_from(" \t"), max_size=3)
OFFERED = ("chat", "superchat")
RIGHT = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": ACCEPT}


def spelling(text: str) -> st.SearchStrategy[str]:
    """Some mixtures of upper and lower case."""
    mixed = "".join(c.upper() if at % 2 else c.lower() for at, c in enumerate(text))
    return st.sampled_from([text.lower(), text.upper(), text.title(), mixed, mixed.swapcase()])


@st.composite
def lists_with(draw: st.DrawFn, token: str) -> str:
    """A header's value that is a list with `token` somewhere in it."""
    before, behind = draw(st.lists(tokens, max_size=2)), draw(st.lists(tokens, max_size=2))
    return ",".join(f"{draw(spaces)}{part}{draw(spaces)}" for part in [*before, draw(spelling(token)), *behind])


@st.composite
def right_answers(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Right answers as servers and the proxies before them write them."""
    fields = [
        (draw(spelling("upgrade")), f"{draw(spaces)}{draw(spelling('websocket'))}{draw(spaces)}"),
        (draw(spelling("connection")), draw(lists_with("upgrade"))),
        (draw(spelling("sec-websocket-accept")), f"{draw(spaces)}{ACCEPT}{draw(spaces)}"),
    ]
    if chosen := draw(st.none() | st.sampled_from(OFFERED)):
        fields.append((draw(spelling("sec-websocket-protocol")), chosen))
    value = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_categories=["Cc"]), max_size=20)
    fields += draw(st.lists(st.tuples(tokens.map("X-{}".format), value), max_size=4))
    return draw(st.permutations(fields))
