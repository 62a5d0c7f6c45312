"""What each system's settings say about a PAC file: read here from samples, on any platform."""

from __future__ import annotations

import contextlib
import pathlib
import plistlib
import shutil
import subprocess
from collections.abc import Mapping, Sequence

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.system_pac.samples import DCONF_LOCKED, DCONF_USER, KDE, MACOS, connection
from wsconn._system_pac import desktop, gnome, gvdb, kde, macos, this_system, windows
from wsconn._system_pac.automatic import Automatic

URL = "http://wpad.corp.example/proxy.pac"
NAMED, NONE, DISCOVERS = Automatic(URL), Automatic(), Automatic(discovers=True)
_WINDOWS: dict[str, tuple[object, object, Automatic]] = {
    "nothing": (None, None, NONE),
    "the URL alone, as a policy sets it": (URL, None, NAMED),
    "a URL, no discovery": (URL, connection(0x1 | 0x4, url=URL.encode()), NAMED),
    "discovery alone, as it is by default": (None, connection(0x1 | 0x8), DISCOVERS),
    "both": (URL, connection(0x1 | 0x4 | 0x8, b"p:80", b"<local>", URL.encode()), Automatic(URL, discovers=True)),
    "the URL in the connection alone": (None, connection(0x1 | 0x4, b"", b"<local>", URL.encode()), NAMED),
    "switched off, and kept": (None, connection(0x1, url=URL.encode()), NONE),
    "cut short": (None, connection(0x8)[:12], DISCOVERS),
    "cut shorter": (None, connection(0x8)[:5], NONE),
    "another type": (7, "text", NONE),
}


@pytest.mark.parametrize(("url", "settings", "expected"), _WINDOWS.values(), ids=_WINDOWS.keys())
def test_windows(url: object, settings: object, expected: Automatic) -> None:
    """`AutoConfigURL` counts as it is; the binary value tells of discovery."""
    assert windows.automatic(url, settings) == expected


@given(st.binary(max_size=80))
def test_windows_takes_any_bytes(settings: bytes) -> None:
    """The binary value has no documented form: whatever it holds, something is read."""
    assert isinstance(windows.automatic(None, settings), Automatic)


_MACOS: dict[str, tuple[Mapping[str, object], Automatic]] = {
    "as scutil prints it": (MACOS, NAMED),
    "switched off": ({**MACOS, "ProxyAutoConfigEnable": 0}, NONE),
    "discovery": ({"ProxyAutoDiscoveryEnable": 1}, DISCOVERS),
    "nothing": ({}, NONE),
    "another type": ({"ProxyAutoConfigEnable": 1, "ProxyAutoConfigURLString": b"x"}, NONE),
}


@pytest.mark.parametrize(("proxies", "expected"), _MACOS.values(), ids=_MACOS.keys())
def test_macos(proxies: Mapping[str, object], expected: Automatic) -> None:
    """The switch and the URL are two settings; they come through a property list."""
    assert macos.automatic(plistlib.loads(plistlib.dumps(proxies))) == expected


_KDE: dict[str, tuple[Sequence[str], Automatic]] = {
    "a script": ([KDE], NAMED),
    "a file": ([KDE.replace(URL, "/etc/proxy.pac")], Automatic("file:///etc/proxy.pac")),
    "discovery": ([KDE.replace("ProxyType=2", "ProxyType=3")], DISCOVERS),
    "a proxy": ([KDE.replace("ProxyType=2", "ProxyType=1")], NONE),
    "none": (["[Proxy Settings]\nProxyType=0\n"], NONE),
    "the user's after the system's": ([KDE, "[Proxy Settings]\nProxyType=0\n"], NONE),
    "the URL from the system's": ([KDE, "[Proxy Settings]\nProxyType=2\n"], NAMED),
    "marked": (["[Proxy Settings][$i]\nProxyType[$i]=2\nProxy Config Script[$e]=" + URL], NAMED),
    "no file": ([], NONE),
    "noise": (["[Proxy Settings]\n=\nProxyType\n# ProxyType=2\n[x\n"], NONE),
}


@pytest.mark.parametrize(("files", "expected"), _KDE.values(), ids=_KDE.keys())
def test_kde(files: Sequence[str], expected: Automatic) -> None:
    """One file counts more than another, setting by setting; the marks of KConfig are no part of a name."""
    assert kde.automatic(files) == expected


def database(mode: str | None = None, url: str | None = None, *, locks: Sequence[str] = ()) -> gvdb.Database:
    texts = {"/system/proxy/mode": mode, "/system/proxy/autoconfig-url": url}
    return gvdb.Database({name: text for name, text in texts.items() if text is not None}, frozenset(locks))


_GNOME: dict[str, tuple[Sequence[gvdb.Database], Automatic]] = {
    "auto, with a URL": ([database("auto", URL)], NAMED),
    "auto, without": ([database("auto")], DISCOVERS),
    "auto, with an empty one": ([database("auto", "")], DISCOVERS),
    "manual": ([database("manual", URL)], NONE),
    "nothing": ([database()], NONE),
    "no database": ([], NONE),
    "the user's first": ([database("none"), database("auto", URL)], NONE),
    "each setting by itself": ([database("auto"), database("none", URL)], NAMED),
    "locked by the system": ([database("none"), database("auto", URL, locks=["/system/proxy/mode"])], NAMED),
}


@pytest.mark.parametrize(("databases", "expected"), _GNOME.values(), ids=_GNOME.keys())
def test_gnome(databases: Sequence[gvdb.Database], expected: Automatic) -> None:
    """The user's database comes before the system's, but for what that locks."""
    assert gnome.automatic(databases) == expected


def test_what_dconf_has_written() -> None:
    """The texts of a database are found by their whole names, and so are its locks."""
    user, locked = gvdb.decode(DCONF_USER), gvdb.decode(DCONF_LOCKED)
    assert user.texts == locked.texts
    assert user.texts["/system/proxy/autoconfig-url"] == URL
    assert (user.locks, locked.locks) == (frozenset(), {"/system/proxy/mode"})
    assert gnome.automatic([user]) == NAMED


@pytest.mark.components
@pytest.mark.skipif(not shutil.which("dconf"), reason="tests/components/install has not run")
def test_what_dconf_writes(tmp_path: pathlib.Path) -> None:
    """A database with many settings is read as dconf here writes it."""
    keys = tmp_path / "keys"
    keys.mkdir()
    groups = "".join(f"[org/group-{n}]\nname-{n}='{n}'\nnumber={n}\n" for n in range(200))
    (keys / "00").write_text(f"[system/proxy]\nmode='auto'\nautoconfig-url='{URL}'\n{groups}")
    subprocess.run(["dconf", "compile", tmp_path / "user", keys], check=True)
    read = gvdb.decode((tmp_path / "user").read_bytes())
    assert gnome.automatic([read]) == NAMED
    assert len(read.texts) == 202
    assert read.texts["/org/group-7/name-7"] == "7"


@given(st.data())
def test_a_damaged_database_is_none(data: st.DataObject) -> None:
    """Whatever was done to a file, it is read or refused with a ValueError, and never for long."""
    damaged = bytearray(DCONF_LOCKED)
    for _ in range(data.draw(st.integers(0, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ValueError):
        assert isinstance(gvdb.decode(bytes(damaged[: data.draw(st.integers(0, len(damaged)))])), gvdb.Database)


@attrs.frozen
class Session:
    """A home of its own with the files of one desktop."""

    folder: pathlib.Path

    def environ(self, desktop_name: str, **more: str) -> Mapping[str, str]:
        here = str(self.folder)
        return {"HOME": here, "XDG_CURRENT_DESKTOP": desktop_name, "DCONF_PROFILE": f"{here}/profile", **more}


@pytest.fixture
def session(tmp_path: pathlib.Path) -> Session:
    config = tmp_path / ".config"
    (config / "dconf").mkdir(parents=True)
    (config / "dconf" / "user").write_bytes(DCONF_USER)
    (config / "kioslaverc").write_text(KDE.replace(URL, "http://kde.example/"))
    (tmp_path / "profile").write_text("user-db:user  # its own\nsystem-db:wsconn-has-none\n")
    return Session(tmp_path)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("GNOME", NAMED),
        ("ubuntu:GNOME", NAMED),
        ("X-Cinnamon", NAMED),
        ("KDE", Automatic("http://kde.example/")),
        ("XFCE", NONE),
        ("sway", NONE),
        ("", NONE),
    ],
)
@pytest.mark.skipif(this_system.sys.platform in ("win32", "darwin"), reason="these have other settings")
def test_the_session_says_whose_settings_count(session: Session, name: str, expected: Automatic) -> None:
    """A desktop's files count in its own session, and not where they are left over from another one."""
    assert this_system.automatic(session.environ(name)) == expected


@pytest.mark.skipif(this_system.sys.platform in ("win32", "darwin"), reason="these have other settings")
def test_places_are_those_of_the_environment(session: Session, tmp_path: pathlib.Path) -> None:
    """`XDG_CONFIG_HOME` and `XDG_CONFIG_DIRS` say where the files are; what is missing says nothing."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    moved = session.environ("KDE", XDG_CONFIG_HOME=str(elsewhere), XDG_CONFIG_DIRS=str(tmp_path / ".config"))
    assert desktop.current(moved) == Automatic("http://kde.example/")
    (elsewhere / "kioslaverc").write_text("[Proxy Settings]\nProxyType=0\n")
    assert desktop.current(moved) == NONE
    assert desktop.current(session.environ("GNOME", XDG_CONFIG_HOME=str(elsewhere))) == NONE


def test_without_a_profile_of_dconfs_the_users_database_counts(session: Session) -> None:
    """That is what dconf does."""
    environ = {**session.environ("GNOME"), "DCONF_PROFILE": "wsconn-has-none", "XDG_DATA_DIRS": "/nowhere"}
    assert desktop.current(environ) == NAMED
