"""Logins at proxies by others: Kerberos, NTLM and Digest, right and wrong, and all that can be wrong with a ticket."""

from __future__ import annotations

import contextlib
import pathlib
import time
from collections.abc import Iterator, Mapping

import pytest

import wsconn
from tests.browser.chromium import open_behind_proxies
from tests.components import kerberos
from tests.components.certificates import Certificates
from tests.components.check_with_tickets import check_with
from tests.components.configurations import write_configuration
from tests.components.conftest import Row
from tests.components.kerberos import Realm
from tests.components.ntlm_helper import ntlm_helper
from tests.components.programs import HOME, free_port, running
from tests.components.websocket_servers import websocket_server

pytestmark = pytest.mark.components
USER, PASSWORD = kerberos.USER, kerberos.PASSWORD
AUTH = "proxy/proxy_auth_required"
SECONDS = 5.0
OVER_SECONDS = 1.0  # 0.25 are promised; shared machines are forgiven the rest
REGIONS = 12
Ports = Mapping[str, int]


@pytest.fixture(scope="module")
def realm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Realm]:
    """Run a KDC."""
    with kerberos.realm(tmp_path_factory.mktemp("kdc")) as here:
        yield here


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[str]:
    """Run the server behind the proxies."""
    with websocket_server("websockets", folder=tmp_path_factory.mktemp("ws"), certificates=certificates) as port:
        yield f"ws://127.0.0.1:{port}/"


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory, realm: Realm, url: str) -> Iterator[Ports]:
    """Run the proxies, one for each set of schemes."""
    folder = tmp_path_factory.mktemp
    with contextlib.ExitStack() as proxies:
        program = proxies.enter_context(ntlm_helper(folder("verifier"), realm.folder, USER, PASSWORD))
        passwords = realm.folder / "passwords"
        passwords.write_text(f"{USER}:{PASSWORD}\n")
        negotiate = f"/usr/lib/squid/negotiate_kerberos_auth -k {realm.keytab} -s {kerberos.SERVICE}@{kerberos.REALM}"
        wrapper = f"/usr/lib/squid/negotiate_wrapper_auth --ntlm {program} --kerberos {negotiate}"
        schemes = {
            "negotiate": _scheme("negotiate", negotiate),
            "wrapper": _scheme("negotiate", wrapper),
            "ntlm": _scheme("ntlm", program),
            "digest": f"{_scheme('digest', f'/usr/lib/squid/digest_file_auth {passwords}')}\n"
            "auth_param digest realm Company",
        }
        schemes["all"] = "\n".join(schemes[name] for name in ("negotiate", "ntlm", "digest"))
        found = {name: proxies.enter_context(_squid(folder(name), lines, realm)) for name, lines in schemes.items()}
        found["alice"] = proxies.enter_context(
            _squid(folder("alice"), schemes["negotiate"], realm, users=f"alice@{kerberos.REALM}")
        )
        found["apache"] = proxies.enter_context(_apache(folder("apache"), url, realm))
        found["px"] = proxies.enter_context(_px(folder("px")))
        found["cntlm"] = proxies.enter_context(_cntlm(folder("cntlm"), found["ntlm"]))
        yield found


def _scheme(name: str, program: str) -> str:
    return f"auth_param {name} program {program}\nauth_param {name} children 4 startup=1 idle=1"


@contextlib.contextmanager
def _squid(folder: pathlib.Path, logins: str, realm: Realm, users: str = "REQUIRED") -> Iterator[int]:
    port = free_port()
    path = write_configuration("squid-login.conf", folder, port=port, logins=logins, users=users)
    command = ("/usr/sbin/squid", "-N", "-n", f"wsconn{port}", "-d", "1", "-f", path)
    with running(command, folder=folder, ports=[port], environment=realm.environment):
        yield port


@contextlib.contextmanager
def _apache(folder: pathlib.Path, url: str, realm: Realm) -> Iterator[int]:
    port = free_port()
    target = url.rpartition(":")[2].strip("/")
    path = write_configuration(
        "apache-login.conf", folder, folder=folder, port=port, target=target, keytab=realm.keytab
    )
    command = ("/usr/sbin/apache2", "-f", path, "-DFOREGROUND")
    environment = {**realm.environment, "KRB5RCACHENAME": f"file2:{realm.folder / 'replays-apache'}"}
    with running(command, folder=folder, ports=[port], environment=environment):
        yield port


@contextlib.contextmanager
def _px(folder: pathlib.Path) -> Iterator[int]:
    port = free_port()
    command = (
        *(HOME / "logins" / "bin" / "px", f"--port={port}", "--client-auth=NTLM", f"--client-username=CORP\\{USER}"),
        *("--workers=1", "--threads=4"),
    )
    environment = {"PX_CLIENT_PASSWORD": PASSWORD, "HOME": str(folder)}
    with running(command, folder=folder, ports=[port], environment=environment):
        yield port


@contextlib.contextmanager
def _cntlm(folder: pathlib.Path, parent: int) -> Iterator[int]:
    port = free_port()
    path = write_configuration("cntlm.conf", folder, port=port, parent=parent, password=PASSWORD)
    path.chmod(0o600)
    with running(("/usr/sbin/cntlm", "-f", "-c", path), folder=folder, ports=[port]):
        yield port


# --- a password ------------------------------------------------------------------------------------------------------

RIGHT, WRONG, NOBODY = f"{USER}:{PASSWORD}@", f"{USER}:guess@", ""
LOGINS = {
    "squid, NTLM: right": ("ntlm", RIGHT, "passed", "", ""),
    "squid, NTLM: with a domain": ("ntlm", f"CORP%5C{RIGHT}", "passed", "", ""),
    "squid, NTLM: wrong": ("ntlm", WRONG, AUTH, "refuses the login that it was sent by NTLM", "check both"),
    "squid, NTLM: missing": ("ntlm", NOBODY, AUTH, "HTTP 407, it offers NTLM", "DOMAIN%5Cuser:password"),
    "squid, NTLM under Negotiate: right": ("wrapper", RIGHT, "passed", "", ""),
    "squid, NTLM under Negotiate: wrong": ("wrapper", WRONG, AUTH, "refuses", "check both"),
    "squid, Digest: right": ("digest", RIGHT, "passed", "", ""),
    "squid, Digest: wrong": ("digest", WRONG, AUTH, "refuses the login that it was sent by Digest", "check both"),
    "squid, Digest: missing": ("digest", NOBODY, AUTH, "HTTP 407, it offers Digest", "Put your user name"),
    "squid, three schemes: right": ("all", RIGHT, "passed", "", ""),
    "squid, three schemes: wrong": ("all", WRONG, AUTH, "sent by NTLM and by Digest", "check both"),
    "Px, NTLM: right": ("px", f"CORP%5C{RIGHT}", "passed", "", ""),
    "Px, NTLM: wrong": ("px", f"CORP%5C{WRONG}", AUTH, "refuses the login that it was sent by NTLM", "check both"),
    "cntlm before squid": ("cntlm", NOBODY, "passed", "", ""),
}


@pytest.mark.parametrize(("door", "login", "expected", "fact", "first"), LOGINS.values(), ids=LOGINS.keys())
def test_password(
    door: str,
    login: str,
    expected: str,
    fact: str,
    first: str,
    request: pytest.FixtureRequest,
    ports: Ports,
    url: str,
    row: Row,
) -> None:
    """A right one passes; of a wrong one the scheme is told in which it was refused."""
    component, _, case = request.node.callspec.id.partition(", ")
    proxy = f"http://{login}127.0.0.1:{ports[door]}"
    outcome = wsconn.check({"eu": url}, timeout=SECONDS, proxy=proxy).outcome("eu")
    row(component, case or "no login, it logs in further on", expected, outcome, fact=fact, first=first)
    assert PASSWORD not in repr(outcome)


NOT_CHROMIUMS = "squid, NTLM under Negotiate: right"  # with a password its Negotiate does nothing, but on Windows


def test_chromium_and_the_passwords(
    realm: Realm, ports: Ports, url: str, certificates: Certificates, tmp_path: pathlib.Path
) -> None:
    """It gets through where wsconn does with the same login, and nowhere else: not without a ticket, either."""
    proxies = {name: (url, f"http://{login}127.0.0.1:{ports[door]}") for name, (door, login, *_) in LOGINS.items()}
    proxies |= {door: (url, f"http://localhost:{ports[door]}") for door in ("negotiate", "apache")}
    seen = _opened(proxies, realm.with_cache("chromium-without"), certificates, tmp_path)
    passed = {name for name, case in LOGINS.items() if case[2] == "passed"}
    assert {name for name, opened in seen.items() if opened} == passed - {NOT_CHROMIUMS}


def test_chromium_and_the_tickets(
    realm: Realm, ports: Ports, url: str, certificates: Certificates, tmp_path: pathlib.Path
) -> None:
    """It gets through where wsconn does with a ticket of the user's, and where that is refused it does not."""
    doors = ("negotiate", "all", "wrapper", "apache")
    proxies = {door: (url, f"http://localhost:{ports[door]}") for door in (*doors, "alice")}
    proxies["a service that the KDC does not know"] = url, f"http://127.0.0.1:{ports['negotiate']}"
    seen = _opened(proxies, realm.with_ticket("chromium-with"), certificates, tmp_path)
    assert seen == {name: name in doors for name in proxies}


def _opened(
    proxies: Mapping[str, tuple[str, str]],
    environment: Mapping[str, str],
    certificates: Certificates,
    home: pathlib.Path,
) -> dict[str, bool]:
    """Say behind which proxies Chromium opens a WebSocket."""
    authority = certificates.authority.read_bytes()
    seen = open_behind_proxies(proxies, authority=authority, home=home, environment=environment)
    return {name: one.opened for name, one in seen.items()}


# --- a ticket --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("door", ["negotiate", "all", "wrapper", "apache"])
def test_ticket(door: str, realm: Realm, ports: Ports, url: str, row: Row) -> None:
    """Each of many regions passes, over a token of its own."""
    run = check_with(realm.with_ticket("right"), f"http://localhost:{ports[door]}", url, regions=REGIONS)
    component = "apache" if door == "apache" else "squid"
    row(component, f"Kerberos, {door}: {REGIONS} regions at once", "passed", run.outcome)
    assert run.result.result == "passed"


NO_TICKET = "this user has no Kerberos ticket"


@pytest.mark.parametrize("door", ["negotiate", "apache"])
def test_no_ticket(door: str, realm: Realm, ports: Ports, url: str, row: Row) -> None:
    """A user without one is told how to get one."""
    run = check_with(realm.with_cache("empty"), f"http://localhost:{ports[door]}", url)
    component = "apache" if door == "apache" else "squid"
    row(component, "Kerberos: no ticket", AUTH, run.outcome, fact=NO_TICKET, first="kinit")


def test_no_ticket_and_a_password(realm: Realm, ports: Ports, url: str, row: Row) -> None:
    """The next scheme passes where there is no ticket; where there is no other, both are told."""
    environment = realm.with_cache("empty")
    run = check_with(environment, f"http://{RIGHT}localhost:{ports['all']}", url)
    row("squid", "Kerberos: no ticket, NTLM with a password", "passed", run.outcome)
    run = check_with(environment, f"http://{RIGHT}localhost:{ports['negotiate']}", url)
    row("squid", "Kerberos: no ticket, a password of no use", AUTH, run.outcome, fact=NO_TICKET, first="kinit")


def test_expired_ticket(realm: Realm, ports: Ports, url: str, row: Row) -> None:
    """One that has expired is told as that."""
    environment = realm.with_ticket("short", "-l", f"{kerberos.SHORT_SECONDS}s")
    time.sleep(kerberos.SHORT_SECONDS + 2)  # it is the clock that makes it expire, and Kerberos' has whole seconds
    run = check_with(environment, f"http://localhost:{ports['negotiate']}", url)
    row("squid", "Kerberos: the ticket has expired", AUTH, run.outcome, fact="ticket has expired", first="Renew")


CLOCKS = {
    "behind its ticket": (
        "-7m",
        "the clocks of this machine and of the Kerberos server (KDC) differ",
        "Set this machine",
    ),
    "ahead, past its ticket": ("+30h", "ticket has expired", "Renew"),
    "ahead of the proxy's": ("+7m", "refuses the login that it was sent by Negotiate", "refused the Kerberos ticket"),
}


@pytest.mark.parametrize(("by", "fact", "first"), CLOCKS.values(), ids=CLOCKS.keys())
def test_another_clock(
    by: str, fact: str, first: str, request: pytest.FixtureRequest, realm: Realm, ports: Ports, url: str, row: Row
) -> None:
    """A clock that is wrong is told as that, where a ticket was had before it went wrong, too."""
    case = request.node.callspec.id
    environment = realm.with_ticket(case.replace(" ", "-"))
    proxy = f"http://localhost:{ports['negotiate']}"
    assert check_with(environment, proxy, url).result.result == "passed"  # and now the cache has a ticket for the proxy
    (library,) = pathlib.Path("/usr/lib").rglob("libfaketime.so.1")
    clock = {"LD_PRELOAD": str(library), "FAKETIME": by, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    run = check_with({**environment, **clock}, proxy, url)
    row("squid", f"Kerberos: the clock is {case}", AUTH, run.outcome, fact=fact, first=first)


def test_unknown_service(realm: Realm, ports: Ports, url: str, row: Row) -> None:
    """A proxy that is named by its address has no service of that name."""
    run = check_with(realm.with_ticket("unknown"), f"http://127.0.0.1:{ports['negotiate']}", url)
    fact = "knows no service HTTP@127.0.0.1"
    row("squid", "Kerberos: a service that the KDC does not know", AUTH, run.outcome, fact=fact, first="full host name")


def test_refused_ticket(realm: Realm, ports: Ports, url: str, row: Row) -> None:
    """A user whom the proxy does not want is told that it was the ticket."""
    run = check_with(realm.with_ticket("refused"), f"http://localhost:{ports['alice']}", url)
    fact = "refuses the login that it was sent by Negotiate"
    first = "refused the Kerberos ticket"
    row("squid", "Kerberos: a user that it does not let in", AUTH, run.outcome, fact=fact, first=first)


def test_no_kdc(realm: Realm, ports: Ports, url: str, row: Row) -> None:
    """Where nothing listens, the library says so at once."""
    environment = realm.with_kdc_at(free_port(), realm.with_ticket("no-kdc"))
    run = check_with(environment, f"http://localhost:{ports['negotiate']}", url)
    fact = "no Kerberos server (KDC) can be reached"
    row("KDC", "nothing listens there", AUTH, run.outcome, fact=fact, first="the domain's network")


def test_mute_kdc(realm: Realm, ports: Ports, url: str, row: Row) -> None:
    """It costs the region's time and no more, and the process can end."""
    timeout = 1.5
    with kerberos.mute_kdc() as port:
        environment = realm.with_kdc_at(port, realm.with_ticket("mute"))
        run = check_with(environment, f"http://localhost:{ports['negotiate']}", url, regions=REGIONS, timeout=timeout)
    fact = "(KDC) gave no ticket for HTTP@localhost within"
    row("KDC", "mute", "proxy/timeout", run.outcome, fact=fact, first="the domain's network")
    assert all(outcome.duration <= timeout + OVER_SECONDS for outcome in run.result.outcomes)
    assert run.exit_seconds < 0.5 + OVER_SECONDS


def test_mute_kdc_and_a_password(realm: Realm, ports: Ports, url: str, row: Row) -> None:
    """A share of the time is left for the next scheme."""
    with kerberos.mute_kdc() as port:
        environment = realm.with_kdc_at(port, realm.with_ticket("mute-too"))
        run = check_with(environment, f"http://{RIGHT}localhost:{ports['all']}", url, timeout=4.0)
    row("KDC", "mute, NTLM with a password", "passed", run.outcome)


def test_abort_while_the_kdc_is_mute(realm: Realm, ports: Ports, url: str, row: Row) -> None:
    """An abort does not wait for it, nor does the end of the process."""
    with kerberos.mute_kdc() as port:
        environment = realm.with_kdc_at(port, realm.with_ticket("abort"))
        run = check_with(
            environment, f"http://localhost:{ports['negotiate']}", url, regions=REGIONS, timeout=30, abort_after=1.0
        )
    row("KDC", "mute, and the test is aborted", "aborted", run.outcome)
    assert run.abort_seconds < 0.5 + OVER_SECONDS
    assert run.exit_seconds < 0.5 + OVER_SECONDS
