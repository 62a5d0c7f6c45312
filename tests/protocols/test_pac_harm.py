"""Scripts that have faults, and scripts that mean harm."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pac_cases import returning
from tests.protocols.pac import ask, fault, needs_pac
from wsconn._protocols.pac import LARGEST_BYTES, PacFailed

pytestmark = needs_pac

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
