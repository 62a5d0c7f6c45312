"""What a PAC answers, and what becomes of one that gives no answer."""

from __future__ import annotations

import concurrent.futures
import importlib.util
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pac_cases import CASES, NAMES, Case, returning
from wsconn._protocols.pac import LARGEST_BYTES, PacFailed, Way, decode, evaluate, ways

pytestmark = pytest.mark.skipif(importlib.util.find_spec("_quickjs") is None, reason="needs the extra pac")

NOW = datetime(2026, 11, 28, 12, 30, 15, tzinfo=UTC)
KINDS = {"http": "PROXY", "https": "HTTPS", "socks4": "SOCKS", "socks5": "SOCKS5"}


def ask(
    script: str | bytes,
    url: str = "wss://h.test/",
    *,
    look_up: Callable[[str], Sequence[str]] = lambda name: NAMES.get(name, []),
    own: Callable[[], Sequence[str]] = lambda: ["10.9.9.9"],
    now: datetime = NOW,
    remaining: float = 60.0,
    run: Callable[[Callable[[], str]], str] = lambda work: work(),
) -> str:
    text = script if isinstance(script, str) else decode(script)
    return evaluate(text, url, look_up, own, now=now, remaining=lambda: remaining, run=run)


def fault(script: str | bytes, **given: object) -> str:
    with pytest.raises(PacFailed) as failed:
        ask(script, **given)
    assert str(failed.value) == failed.value.detail
    return failed.value.detail


def as_in_a_log(way: Way) -> str:
    host = f"[{way.host}]" if ":" in way.host else way.host
    return "DIRECT" if way.scheme == "direct" else f"{KINDS[way.scheme]} {host}:{way.port}"


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_table(case: Case) -> None:
    """Each file chooses the way that it chooses in Chromium; one that fails is for the direct way there."""
    try:
        answer = ask(decode(case.script, case.charset), case.url)
    except PacFailed:
        answer = "DIRECT"
    assert ";".join(map(as_in_a_log, ways(answer))) == case.route


# --- faults ---

FAULTS = {
    "no function": ("", "it has no function FindProxyForURL"),
    "Ex alone": (
        "function FindProxyForURLEx() {}",
        "it has no function FindProxyForURL, but FindProxyForURLEx, which browsers do not call",
    ),
    "null": (returning("null"), "its answer is no string, but null"),
    "nothing": (returning(""), "its answer is no string, but undefined"),
    "not ASCII": (returning("'\\xfc'"), "its answer is not ASCII: 'ü'"),
    "half a character": (returning("'\\ud800'"), "its answer is not ASCII: '\\ud800'"),
    "a long answer": (returning("'x'.repeat(70000)"), "its answer is too long"),
    "an error": (
        b"\n\nfunction FindProxyForURL(url) {\n  return nobody;\n}",
        "it ends with the error 'ReferenceError: nobody is not defined' in line 4",
    ),
    "an error in a helper": (
        b"\nfunction FindProxyForURL(url) {\n  return shExpMatch(null, null);\n}",
        "it ends with the error 'TypeError: cannot read property 'replace' of null' in line 3",
    ),
    "a syntax error": (
        b"\nvar a = ;",
        "it ends with the error 'SyntaxError: unexpected token in expression: ';'' in line 2",
    ),
    "a text": ("throw 'no';", "it ends with the error 'no'"),
    "a symbol": ("throw Symbol();", "it ends with the error 'an object'"),
    "an object without a text": ("throw Object.create(null);", "it ends with the error 'an object'"),
    "a text for a terminal": ("throw '\\x1b[2J\\u202e\\0';", r"it ends with the error '\x1b[2J\u202e\x00'"),
    "names without end": (
        returning("Array.from({length: 21}, (_, i) => dnsResolve('a' + i)).join()"),
        "it asks for the addresses of more than 20 names",
    ),
    "too large": ("/" * (LARGEST_BYTES + 1), "it is larger than 1 MiB"),
}


@pytest.mark.parametrize(("script", "detail"), FAULTS.values(), ids=FAULTS.keys())
def test_faults(script: str | bytes, detail: str) -> None:
    """What is wrong is said in words, with the line where there is one, and nothing of the script's unescaped."""
    assert fault(script) == detail


def test_a_long_error_is_cut() -> None:
    """A script cannot fill a screen."""
    assert len(fault("throw 'x'.repeat(1e6);")) < 300


ENDLESS = {
    "a loop": "for (;;) {}",
    "a loop that catches": "for (;;) { try { for (;;) {} } catch {} finally { continue; } }",
    "in the function": "function FindProxyForURL() { for (;;) {} }",
    "the error's text": "throw { toString() { for (;;) {} } };",
    "the error's stack": "throw { get stack() { for (;;) {} } };",
    "a proxy for an error": "throw new Proxy(new Error(), { get() { for (;;) {} } });",
    "a getter for the function": "Object.defineProperty(globalThis, 'FindProxyForURL', { get() { for (;;) {} } });",
    "a regular expression": "/(x+x+)+y/.test('x'.repeat(40));",
    "all errors' texts": "Error.prototype.toString = () => { for (;;) {} }; for (;;) {}",
    "all errors' stacks": "Object.defineProperty(Error.prototype, 'stack', { get() { for (;;) {} } }); for (;;) {}",
    "what makes stacks": "Error.prepareStackTrace = () => { for (;;) {} }; for (;;) {}",
    "the length of stacks": "Error.stackTraceLimit = { valueOf() { for (;;) {} } }; for (;;) {}",
    "what makes texts": "Object.prototype[Symbol.toPrimitive] = () => { for (;;) {} }; for (;;) {}",
}


@pytest.mark.parametrize("script", ENDLESS.values(), ids=ENDLESS.keys())
def test_a_script_without_end(script: str) -> None:
    """Wherever it goes round in circles, it is stopped; an error of its own making is not shown after that."""
    assert fault(script, remaining=0.02) == "it runs for too long"


GREEDY = {
    "a string": "let s = 'x'; for (;;) s += s + 'y';",
    "a list": "const a = []; for (;;) a.push(a.length + 'x'.repeat(1000));",
    "a chain": "let o = {}; for (;;) o = { o };",
    "a buffer": "new ArrayBuffer(2 ** 30);",
    "and is caught": "const a = []; for (;;) try { a.push(new Array(1e5).fill(0)); } catch { throw null; }",
    "recursion": "function f() { return f() + 1; } f();",
    "recursion in getters": "({ get a() { return this.a; } }).a;",
    "recursion in a parser": "JSON.parse('['.repeat(5e5));",
    "brackets": "(" * 100_000,
    "signs": "!" * 900_000 + "1",
    "a pattern": "new RegExp('(?=a'.repeat(5000) + ')'.repeat(5000)).test('a');",
}


@pytest.mark.parametrize("script", GREEDY.values(), ids=GREEDY.keys())
def test_a_script_that_wants_too_much(script: str) -> None:
    """Neither memory nor stack can be used up: the process goes on, on a thread with a small stack too."""
    assert "memory" in (detail := fault(script)) or "error" in detail
    old = threading.stack_size(512 * 1024)
    try:
        thread = threading.Thread(target=fault, args=[script])
        thread.start()
        thread.join()
    finally:
        threading.stack_size(old)


VANDALS = {
    "prototypes": "for (const kind of [Array, String, Map, Function, Object, RegExp]) "
    "for (const name of Object.getOwnPropertyNames(kind.prototype)) "
    "try { if (name !== 'find') kind.prototype[name] = () => { throw 'vandal'; }; } catch {}",
    "texts in JSON": "Object.prototype.toJSON = String.prototype.toJSON = () => 'vandal';",
    "JSON": "JSON.stringify = JSON.parse = () => 'vandal'; JSON = 5;",
    "iterators": "Array.prototype[Symbol.iterator] = () => { throw 'vandal'; };",
    "globals": "globalThis.Reflect = Map = Proxy = Math = Symbol = Error = Date = undefined; globalThis = 5;",
    "everything frozen": "[Object, Array, String, Function, Map].forEach(kind => Object.freeze(kind.prototype));",
    "setters": "for (const name of ['found', 'isStrict', 'length', '0', '1', 'value']) "
    "Object.defineProperty(Object.prototype, name, { set() { throw 'vandal'; }, get() { throw 'vandal'; } });",
    "the helpers": "dnsDomainIs = isInNet = shExpMatch = alert = null; delete globalThis.dnsResolve;",
}


@pytest.mark.parametrize("vandalism", VANDALS.values(), ids=VANDALS.keys())
def test_a_script_that_replaces_what_is_there(vandalism: str) -> None:
    """It can fool itself alone: its answer arrives as it stands."""
    assert ask(f"{vandalism}\n{returning(chr(34) + 'PROXY a.test:1' + chr(34)).decode()}") == "PROXY a.test:1"


def test_a_script_that_calls_itself_what_is_needed() -> None:
    """What a script throws or returns is not taken for a word of the sandbox's."""
    assert ask(returning("'name\\n\"a.test\"'")) == 'name\n"a.test"'
    assert fault("throw 'own';") == "it ends with the error 'own'"
    assert "lines" in fault("throw 'name\\n\"lines\"';")


def test_nothing_is_in_reach() -> None:
    """There is no loader, and no file, program, environment or clock of the machine's."""
    names = "require process std os print load loadScript readFile fetch XMLHttpRequest WebSocket Deno Bun performance"
    assert ask(returning(f"{names.split()}.filter(name => name in globalThis).join()")) == ""
    assert ask("let said = 'no'; import('os').then(() => said = 'yes');\n" + returning("said").decode()) == "no"


# --- names, addresses, the clock ---


def test_names_are_looked_up_once() -> None:
    """A script is run again until it has what it needs, and each name is asked for once."""
    asked: list[str] = []

    def look_up(name: str) -> Sequence[str]:
        asked.append(name)
        return NAMES.get(name, [])

    script = returning("[dnsResolve('four.test'), dnsResolveEx('six.test'), isResolvable('four.test'), "
                       "isResolvable('none.test'), isResolvable('none.test')].join()")  # fmt: skip
    assert ask(script, look_up=look_up) == "10.1.2.3,fd00::6,true,false,false"
    assert asked == ["four.test", "six.test", "none.test"]


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("b\\xfccher.test", ["xn--bcher-kva.test"]),
        ("FOUR.test", ["FOUR.test"]),
        ("four.test.", ["four.test."]),
        ("10.1.2.3", []),
        ("fd00::6", []),
        ("", []),
        ("a b", []),
        ("a\\0b", []),
        ("a\\nb", []),
        ("x".center(300, "x"), []),
        ("\\xfc".center(200, "x"), []),
    ],
    ids=str,
)
def test_what_is_looked_up(written: str, asked: list[str]) -> None:
    """Names alone are, written in ASCII; what is no name has no address."""
    seen: list[str] = []
    ask(returning(f"String(dnsResolve('{written}'))"), look_up=lambda name: seen.append(name) or [])
    assert seen == asked


def test_a_lookup_that_ends_all() -> None:
    """What a lookup raises is raised on: a deadline, an abort."""

    def look_up(name: str) -> Sequence[str]:
        raise TimeoutError(name)

    with pytest.raises(TimeoutError, match=r"four\.test"):
        ask(returning("try { dnsResolve('four.test') } catch {} 'x'".join(["(() => {", "})()"])), look_up=look_up)


@pytest.mark.parametrize(
    ("own", "seen"),
    [
        ([], "127.0.0.1 "),
        (["10.0.0.1", "fd00::1"], "10.0.0.1 10.0.0.1;fd00::1"),
        (["fd00::1", "10.0.0.1"], "10.0.0.1 fd00::1;10.0.0.1"),
        (["fd00::1"], "fd00::1 fd00::1"),
    ],
    ids=str,
)
def test_own_addresses(own: Sequence[str], seen: str) -> None:
    """The plain function prefers IPv4, as in Chromium, and always has an answer; the other has all."""
    assert ask(returning("myIpAddress() + ' ' + myIpAddressEx()"), own=lambda: own) == seen


def test_own_addresses_are_asked_for_only_by_those_who_want_them() -> None:
    """A script that does not ask costs nothing."""
    script = decode(returning("'DIRECT'"))
    answer = evaluate(
        script, "wss://h.test/", list, lambda: 1 / 0, now=NOW, remaining=lambda: 9.0, run=lambda work: work()
    )
    assert answer == "DIRECT"


def test_all_runs_see_one_moment_and_draw_the_same_lots() -> None:
    """Else a script that chooses by lot would ask for other names each time that it is run."""
    seen: list[str] = []

    def look_up(name: str) -> Sequence[str]:
        seen.append(name)
        return []

    lot = "Math.random().toString(36).slice(2)"
    ask(returning(f"['a', 'b'].map(x => [{lot}, x].join('-')).map(dnsResolve).join()"), look_up=look_up)
    assert [name[-2:] for name in seen] == ["-a", "-b"]
    clocks = "[Date.now(), +new Date(), new Date(Date()).getTime() + 15 - 15, new Date(17).getTime()].join()"
    milliseconds = int(NOW.timestamp() * 1000)
    assert ask(returning(clocks)) == f"{milliseconds},{milliseconds},{milliseconds},17"


def test_the_moment_is_the_callers() -> None:
    """A rule for Saturdays holds on the caller's Saturday."""
    script = returning(
        "weekdayRange('SAT', 'GMT') + ' ' + timeRange(12, 'GMT') + ' ' + dateRange(28, 'NOV', 28, 'NOV')"
    )
    assert ask(script) == "true true true"
    assert ask(script, now=NOW.replace(day=22, hour=11)) == "false false false"


def test_time_that_other_threads_take_is_not_the_scripts() -> None:
    """QuickJS counts the processor time of the whole process; a script that waited for others gets a second chance."""
    script = f"for (let i = 0; i < 1e6; i++) i % 7;\n{returning(chr(39) + 'DIRECT' + chr(39)).decode()}"
    assert _at_once(8, lambda number: ask(script)) == ["DIRECT"] * 8


def test_many_threads_at_once() -> None:
    """Each evaluation has a context of its own."""
    script = returning("'PROXY ' + host + ' ' + dnsResolve(host) + ':1'")

    def work(number: int) -> str:
        return "".join(
            ask(script, f"wss://h{number}.test/", look_up=lambda name: [f"10.0.0.{number}"]) for _ in range(10)
        )

    assert _at_once(8, work) == [f"PROXY h{number}.test 10.0.0.{number}:1" * 10 for number in range(8)]


def _at_once(count: int, work: Callable[[int], str]) -> list[str]:
    with concurrent.futures.ThreadPoolExecutor(count) as executor:
        return list(executor.map(work, range(count)))


def test_a_run_can_be_left_behind() -> None:
    """A script that holds its thread is the caller's to leave: what `run` raises is raised on."""

    def run(work: Callable[[], str]) -> str:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        ask("", run=run)


def test_the_extra_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the install line is told."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert fault("") == 'the extra pac is not installed: pip install "wsconn[pac]"'


# --- text ---

TEXTS: Mapping[str, tuple[bytes, str | None, str]] = {
    "Latin-1": (b"\xfc", None, "ü"),
    "a mark of UTF-8": (b"\xef\xbb\xbf\xc3\xbc", None, "ü"),
    "a mark of UTF-16": ("\ufeffü".encode("utf-16-be"), None, "ü"),
    "a charset": (b"\xc3\xbc", "UTF-8", "ü"),
    "a charset of Windows": (b"\x80", " windows-1252", "€"),
    "not that charset": (b"\xfc", "utf-8", "\ufffd"),
    "a charset that nobody knows": (b"\xfc", "iso-8859-99", "ü"),
    "a codec that is no charset": (b"\xfc", "unicode_escape", "ü"),
    "half a character": (b"\xff\xfea", None, "\ufffd"),
}


@pytest.mark.parametrize(("data", "charset", "text"), TEXTS.values(), ids=TEXTS.keys())
def test_the_text_of_a_file(data: bytes, charset: str | None, text: str) -> None:
    """A mark at its beginning says what it is written in, else its media type does, else it is Latin-1."""
    assert decode(data, charset) == text


# --- whatever comes ---

PIECES = [
    *("PROXY", "DIRECT", "SOCKS5", "https", " ", "\t", ";", ":", "[", "]", "::1", "a.test", "80", "70000", "@", "/"),
    *("\n", "\0", "é", "10.0.0.1", "x" * 300),
]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text())
def test_any_answer(answer: str) -> None:
    """Whatever a PAC answers, a few ways come of it, each fit to be tried."""
    found = ways(answer)
    assert 1 <= len(found) <= 32
    for way in found:
        assert way.scheme in ("direct", *KINDS)
        assert (way.scheme == "direct") == (way.host == "")
        assert 0 <= way.port < 65536
        assert way.host.isascii()
        assert way.host.isprintable()
        assert len(way.host) <= 253


def test_a_long_list() -> None:
    """Nobody waits for thousands of proxies to fail."""
    assert len(ways("PROXY a.test:1;" * 4000)) == 32


TEXT = """
    function FindProxyForURL ( ) { } [ ] return throw try catch finally for while ; , => ` ${ class extends get set
    static 'a' 1 1n /x/ . ... ?. = + * new delete typeof void yield async await let const var this super null undefined
    Object Array String Function Proxy Reflect Symbol Error InternalError Map Promise JSON Date Math globalThis eval
    prototype constructor toString valueOf length name message stack host url dnsResolve dnsResolveEx myIpAddress
    isInNet shExpMatch dateRange timeRange weekdayRange sortIpAddressList alert
"""
WORDS = TEXT.split()


@given(st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join), st.booleans())
def test_any_script(words: str, inside: bool) -> None:
    """Whatever a file holds, it answers or it has a fault that can be shown."""
    script = f"function FindProxyForURL(url, host) {{ {words} }}" if inside else words
    try:
        said = ask(script, look_up=lambda name: ["10.0.0.1", "fd00::1"], remaining=0.02)
    except PacFailed as failed:
        said = failed.detail
    assert said.isprintable()
    assert len(said) < 300
