"""Which ways to log in a header offers (RFC 9110, section 11.6.1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsconn._protocols.challenges import read_challenges, schemes_of

HEADERS = {
    "one": ("Negotiate", ["Negotiate"]),
    "two": ("Negotiate, NTLM", ["Negotiate", "NTLM"]),
    "a realm": ('Basic realm="x"', ["Basic"]),
    "a comma in a realm": ('Digest realm="Proxy of the house, please log in", nonce="n", qop="auth"', ["Digest"]),
    "a scheme in a realm": ('Digest realm="no, Basic realm=x, NTLM", Negotiate', ["Digest", "Negotiate"]),
    "a quote in a realm": (r'Digest realm="a \", NTLM", Negotiate', ["Digest", "Negotiate"]),
    "a realm without an end": ('Basic realm="open, NTLM', ["Basic"]),
    "a realm that ends in a backslash": ('Basic realm="x\\', ["Basic"]),
    "a realm without quotes": ("Basic realm=House, please log in", ["Basic"]),
    "parameters of two": ('Digest a="1",b=2,qop="auth,auth-int", Basic realm="x", charset=UTF-8', ["Digest", "Basic"]),
    "space around the sign": ('Basic realm = "x" , charset = "UTF-8"', ["Basic"]),
    "a token68": ("NTLM TlRMTVNTUAACAAAA==, Basic realm=x", ["NTLM", "Basic"]),
    "a token68 alone": ("Negotiate oRQwEqADCgEBoQsGCSqGSIL3EgECAg==", ["Negotiate"]),
    "an empty element": (",, Basic , ,\tNTLM,", ["Basic", "NTLM"]),
    "twice": ("basic, Basic, BASIC realm=x", ["basic"]),
    "a parameter alone": ("realm=x", []),
    "nothing": ("", []),
    "too many": (", ".join(f"s{number}" for number in range(20)), [f"s{number}" for number in range(8)]),
}


@pytest.mark.parametrize(("header", "offered"), HEADERS.values(), ids=HEADERS.keys())
def test_schemes_offered(header: str, offered: list[str]) -> None:
    """Quoted strings, parameters and token68 are no schemes."""
    assert list(schemes_of(read_challenges(header))) == offered


@given(st.lists(st.sampled_from(["Basic", "NTLM ", 'realm="', '"', "\\", ",", " ", "=", "x=y", "é", "==", "\t"])))
def test_any_header(parts: list[str]) -> None:
    """Whatever a proxy sends, a few schemes come of it."""
    assert len(schemes_of(read_challenges("".join(parts)))) <= 8


@pytest.mark.parametrize("begin", ['Basic realm="', "a", 'a="', "\\", "Basic ", "a =", "=", " "])
def test_a_header_of_64_kib(begin: str) -> None:
    """The time that it takes grows no faster than its length."""
    read_challenges(begin * (64 * 1024 // len(begin)))
    read_challenges(begin + " " * 64 * 1024 + "=")


PARAMETERS = {
    "quoted": ('Digest realm="a, b", nonce="n"', {"realm": "a, b", "nonce": "n"}),
    "not quoted": ("Digest stale=true, algorithm=MD5", {"stale": "true", "algorithm": "MD5"}),
    "escaped": (r'Digest realm="a \"b\" \\c"', {"realm": r'a "b" \c'}),
    "names in any case": ('Digest Realm="x", QOP="auth"', {"realm": "x", "qop": "auth"}),
    "the first of two": ("Digest nonce=a, nonce=b", {"nonce": "a"}),
    "of the next scheme": ('Digest realm="x", Basic realm="y"', {"realm": "x"}),
    "space around the sign": ('Digest realm = "x" , nonce = n', {"realm": "x", "nonce": "n"}),
    "a value without an end": ('Digest realm="x", nonce="open', {"realm": "x", "nonce": "open"}),
}


@pytest.mark.parametrize(("header", "parameters"), PARAMETERS.values(), ids=PARAMETERS.keys())
def test_parameters(header: str, parameters: dict[str, str]) -> None:
    """They are those of the challenge before them, without quotes and escapes."""
    assert read_challenges(header)[0].parameters == parameters


@pytest.mark.parametrize(
    ("header", "token"),
    [("NTLM TlRMTVNTUAACAAAA==, Basic realm=x", "TlRMTVNTUAACAAAA=="), ("NTLM", ""), ('Basic realm="x"', "")],
    ids=["a token", "none", "parameters"],
)
def test_token(header: str, token: str) -> None:
    """What Negotiate and NTLM bring stands alone behind the name."""
    assert read_challenges(header)[0].token == token
