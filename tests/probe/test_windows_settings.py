"""Windows' own settings, read where they are: proxies and PAC files in the registry, roots in the certificate store.

The registry that a test sees is a key of its own, by `RegOverridePredefKey`: nobody's settings are touched.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

import wsconn
from tests.engine import only, start_in
from tests.probe.pac_servers import honest_proxy, named_region, pac, script, seen
from wsconn import Cause, RegionOutcome, Status
from wsconn._system_proxies import settings as system_settings
from wsconn.lab import Lab

if sys.platform != "win32":
    pytest.skip("the registry and the certificate store are Windows'", allow_module_level=True)

import ctypes
import winreg

_SETTINGS = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings"
_OWN = r"Software\wsconn-tests"
CRYPT32 = ctypes.WinDLL("crypt32")
for function in "CertOpenSystemStoreW", "CertCreateCertificateContext", "CertFindCertificateInStore":
    getattr(CRYPT32, function).restype = ctypes.c_void_p
_EXISTING = 0xD0000  # CERT_FIND_EXISTING
_DER = 1  # X509_ASN_ENCODING of wincrypt.h
_ALWAYS = 4  # CERT_STORE_ADD_ALWAYS
_PROXY_VARIABLES = ("ws_proxy", "wss_proxy", "http_proxy", "https_proxy", "all_proxy", "no_proxy")

Settings = Callable[..., None]


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Give what writes values of the Internet Settings, which this process alone sees."""
    for variable in _PROXY_VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    user = ctypes.c_void_p(winreg.HKEY_CURRENT_USER)
    override = ctypes.windll.advapi32.RegOverridePredefKey
    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, _OWN) as root, winreg.CreateKey(root, _SETTINGS) as key:

        def write(**values: str | int) -> None:
            for name, value in values.items():
                kind = winreg.REG_DWORD if isinstance(value, int) else winreg.REG_SZ
                winreg.SetValueEx(key, name, 0, kind, value)

        assert override(user, ctypes.c_void_p(int(root))) == 0
        try:
            yield write
        finally:
            assert override(user, None) == 0
    assert ctypes.windll.shlwapi.SHDeleteKeyW(user, _OWN) == 0


def outcome_of(lab: Lab) -> RegionOutcome:
    return only(start_in(lab, {"a": named_region(lab)}, proxy=system_settings()))


@pytest.mark.parametrize("form", ["127.0.0.1:{port}", "http=127.0.0.1:{port};https=h:1", "http://127.0.0.1:{port}"])
def test_the_proxy_of_the_registry(lab: Lab, settings: Settings, form: str) -> None:
    """`ProxyServer` counts where `ProxyEnable` is set, for every scheme or for one."""
    with honest_proxy() as port:
        settings(ProxyServer=form.format(port=port), ProxyEnable=1)
        outcome = outcome_of(lab)
    assert outcome.status is Status.PASSED, outcome
    assert outcome.proxy == f"http://127.0.0.1:{port} (from the system's settings)"


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"ProxyEnable": 0}, id="switched off"),
        pytest.param({"ProxyEnable": 1, "ProxyOverride": "*.lab.invalid;<local>"}, id="an exception"),
    ],
)
def test_no_proxy_of_the_registry(lab: Lab, settings: Settings, values: dict[str, str | int]) -> None:
    """A proxy that is switched off is none, nor is it one for what `ProxyOverride` names."""
    settings(ProxyServer="127.0.0.1:9", **values)
    outcome = outcome_of(lab)
    assert (outcome.status, outcome.proxy) == (Status.PASSED, None), outcome


def test_the_pac_file_of_the_registry(lab: Lab, settings: Settings) -> None:
    """`AutoConfigURL` comes before `ProxyServer`."""
    with honest_proxy() as port, pac(script(f"PROXY 127.0.0.1:{port}")) as named:
        settings(ProxyServer="127.0.0.1:9", ProxyEnable=1, AutoConfigURL=named.removeprefix("pac+"))
        outcome = outcome_of(lab)
    assert outcome.status is Status.PASSED, outcome
    assert outcome.proxy == f"http://127.0.0.1:{port} (from the PAC file {named.removeprefix('pac+')})"
    assert seen(outcome).pac_source == "the system's settings"


@pytest.mark.usefixtures("settings")  # the store is in the registry, and wine takes nothing out of it again
def test_a_root_of_the_certificate_store(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the store trusts is trusted."""
    for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(variable, raising=False)
    lab.add("a", tls=True)
    assert _cause(lab) is Cause.TLS_UNTRUSTED
    (root,) = lab.ssl_context.get_ca_certs(binary_form=True)
    with _stored(root):
        assert _cause(lab) is None


def _cause(lab: Lab) -> Cause | None:
    (outcome,) = wsconn.check(lab.regions, proxy=None).outcomes
    return outcome.failure.cause if outcome.failure else None


@contextmanager
def _stored(root: bytes) -> Iterator[None]:
    """Have the user's store of authorities hold a certificate; that of roots would ask the user."""
    with _store() as store:
        assert CRYPT32.CertAddEncodedCertificateToStore(store, _DER, root, len(root), _ALWAYS, None)
    try:
        yield
    finally:
        given = ctypes.c_void_p(CRYPT32.CertCreateCertificateContext(_DER, root, len(root)))
        with _store() as store:
            found = CRYPT32.CertFindCertificateInStore(store, _DER, 0, _EXISTING, given, None)
            assert CRYPT32.CertDeleteCertificateFromStore(ctypes.c_void_p(found))
        CRYPT32.CertFreeCertificateContext(given)


@contextmanager
def _store() -> Iterator[ctypes.c_void_p]:
    """Open the store; what was done to it is written when it is closed."""
    store = ctypes.c_void_p(CRYPT32.CertOpenSystemStoreW(None, "CA"))
    yield store
    CRYPT32.CertCloseStore(store, 0)


def test_a_variable_is_named_as_it_was_set() -> None:
    """`os.environ` has its name in capitals, whatever was written."""
    code = "import wsconn; print(wsconn.check({'a': 'ws://127.0.0.1:9/'}).outcome('a').failure.advice)"
    others = {name: value for name, value in os.environ.items() if name.lower() not in _PROXY_VARIABLES}
    for name in ("ws_proxy", "WS_PROXY"):
        done = subprocess.run(
            [sys.executable, "-X", "utf8", "-c", code],
            env={**others, name: "nonsense://h:1"},
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=True,
        )
        assert name in done.stdout
