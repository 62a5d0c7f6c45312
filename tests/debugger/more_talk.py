"""More networks, near to others: what is said over a connection."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import trustme

from tests.debugger.making import (
    Making,
    network,
)
from tests.debugger.networks import HELLO, NGINX, NGINX_IN_THE_CLEAR

Fields = Mapping[str, Any]

# --- TLS -------------------------------------------------------------------------------------------------------------


@network("name_filter")
def name_answered_with_an_alert(making: Making) -> Fields:
    """What stands before every server answers with an alert to one name."""
    host, other = making.host(), making.host()
    making.server(other, 443, names={host.name: None})
    return {
        "bad": making.server(host, 443, names={host.name: None}),
        "others": {"good": f"wss://{other.name}/"},
    }


@network("name_filter")
def name_reset_with_no_other_region(making: Making) -> Fields:
    """A filter by name, and no region to compare with."""
    host = making.host()
    making.incoming.extend(making.seen_anywhere(443, host.name, "reject with tcp reset", HELLO))
    return {"bad": making.server(host, 443), "others": {}}


@network("server_name")
def server_names_unknown_everywhere(making: Making) -> Fields:
    """Each front end ends TLS that asks for a name that it does not know, and one does not know its own."""
    host, other = making.host(), making.host()
    for at in (host, other):
        known = {other.name: at.pem if at is other else making.certificate(making.authority, other.name)}
        making.server(at, 443, names={**known, "": None})
    return {"bad": f"wss://{host.name}/", "others": {"good": f"wss://{other.name}/"}}


@network()
def unknown_names_cut(making: Making) -> Fields:
    """Each front end resets TLS that asks for a name that it does not know, and one does not know its own."""
    host, other = making.host(), making.host()
    for name in (host.name, "unknown.invalid"):
        rules = making.seen_anywhere(443, name, "reject with tcp reset", HELLO)
        making.incoming.extend(f"ip daddr {{ {host.address}, {other.address} }} {rule}" for rule in rules)
    return {"bad": making.server(host, 443), "others": {"good": making.server(other, 443)}}


@network()
def alert_whatever_the_name(making: Making) -> Fields:
    """The server ends the TLS handshake with an alert, whatever it is asked."""
    return {"bad": making.server(making.host(), 443, names={"": None}, pem=making.good.pem)}


@network("network_login")
def portal_in_tls(making: Making) -> Fields:
    """A portal answers for every host, with its own certificate."""
    hosts = [making.host() for _ in range(3)]
    pem = making.certificate(making.authority, "login.hotel.example")
    bad, *others = (making.server(host, 443, "portal", pem=pem) for host in hosts)
    return {"bad": bad, "others": {f"other-{n}": url for n, url in enumerate(others)}}


@network("interception")
def opened_by_a_gateway_for_all(making: Making) -> Fields:
    """A gateway opens TLS to every host, and its authority is unknown."""
    gateway = trustme.CA(organization_name="Contoso Ltd", organization_unit_name="Web Gateway")
    hosts = [making.host() for _ in range(3)]
    for host in hosts:
        names = {one.name: making.certificate(gateway, one.name) for one in hosts}
        making.server(host, 443, names=names, pem=making.certificate(gateway, host.address))
    bad, *others = (f"wss://{host.name}/" for host in hosts)
    return {"bad": bad, "others": {f"other-{n}": url for n, url in enumerate(others)}}


@network("private_authority", "server_certificate", "incomplete_chain")
def intermediate_left_out(making: Making) -> Fields:
    """The server leaves the certificate between out, and its own does not say where to have it."""
    between = making.authority.create_child_ca()
    host = making.host()
    issued = between.issue_cert(host.name)
    path = making.folder / "leaf-alone.pem"
    issued.private_key_pem.write_to_path(str(path))
    issued.cert_chain_pems[0].write_to_path(str(path), append=True)
    return {"bad": making.server(host, 443, pem=str(path))}


@network("large_packets")
def large_certificate_lost_through_tunnel(making: Making) -> Fields:
    """Packets over 1200 bytes are lost on the way down, and the certificate is a long one."""
    host = making.host()
    names = [host.name, *(f"alternative-{n}.{making.zone}" for n in range(60))]
    issued = making.authority.issue_cert(*names)
    path = making.folder / "long.pem"
    issued.private_key_and_cert_chain_pem.write_to_path(str(path))
    making.outgoing.append(f"ip saddr {host.address} tcp sport 443 meta length > 1200 drop")
    return {"bad": making.server(host, 443, pem=str(path))}


@network("certificate_date")
def certificate_expired_for_all(making: Making) -> Fields:
    """One of the regions has an expired certificate, and none tells the date."""
    host = making.host(not_after=datetime.now(UTC) - timedelta(days=3))
    return {"bad": making.server(host, 443)}


@network("clock")
def clock_is_wrong_and_the_web_is_shut(making: Making) -> Fields:
    """This machine's clock is years behind, and no server tells its date."""
    bad, other = (making.host(not_before=datetime.now(UTC) - timedelta(days=10)) for _ in range(2))
    return {"bad": making.server(bad, 443), "others": {"other": making.server(other, 443)}, "at": "-1000d"}


@network("not_tls")
def tls_to_a_port_without(making: Making) -> Fields:
    """The URL says wss://, and names the port for HTTP."""
    host = making.host()
    making.server(host, 443)
    return {"bad": making.server(host, 80, pem=None).replace("ws://", "wss://")}


# --- without TLS -----------------------------------------------------------------------------------------------------


@network("wants_tls")
def no_tls_to_a_port_with_tls(making: Making) -> Fields:
    """The URL says ws://, and the port is one of TLS."""
    return {"bad": making.server(making.host(), making.port()).replace("wss://", "ws://")}


@network("wants_tls")
def without_tls_it_redirects(making: Making) -> Fields:
    """Without TLS the server redirects to https, as most do."""
    host = making.host()
    making.server(host, 443)
    return {"bad": making.server(host, 80, "to_https", pem=None)}


@network("wants_tls")
def without_tls_there_is_another_server(making: Making) -> Fields:
    """Without TLS there is a web server that knows nothing of WebSocket."""
    host = making.host()
    making.server(host, 443)
    return {"bad": making.server(host, 80, "404", pem=None)}


@network("plain_http", "front_end")
def upgrade_lost_in_the_clear(making: Making) -> Fields:
    """A transparent proxy takes the headers of the upgrade away, where it can read them."""
    host, behind = making.host(), making.port()
    making.server(host, 443)
    making.server(host, behind, pem=None)
    making.programs.append(
        ("nginx", NGINX_IN_THE_CLEAR.format(address=host.address, port=80, behind=f"{host.address}:{behind}"))
    )
    return {"bad": f"ws://{host.name}/"}


@network()
def page_says_blocked_in_the_clear(making: Making) -> Fields:
    """A filter answers requests for a WebSocket with 403, where it can read them."""
    host = making.host()
    making.server(host, 443)
    return {"bad": making.server(host, 80, "403_upgrade", pem=None)}


# --- the request for a WebSocket -------------------------------------------------------------------------------------


@network("access_rule")
def one_origin_allowed(making: Making) -> Fields:
    """The server takes requests from one web page alone, which is elsewhere."""
    return {"bad": making.server(making.host(), 443, "one_origin")}


@network("origin")
def own_origin_refused(making: Making) -> Fields:
    """The server takes requests from its own pages alone, and the program says that it is another."""
    url = making.server(making.host(), 443, "own_origin")
    return {"bad": url, "arguments": {"origin": "http://localhost:3000"}}


@network("origin")
def any_origin_refused(making: Making) -> Fields:
    """The server takes no request from a web page."""
    url = making.server(making.host(), 443, "no_origin")
    return {"bad": url, "arguments": {"origin": "http://localhost:3000"}}


@network("subprotocol")
def subprotocol_hinted(making: Making) -> Fields:
    """The server wants a subprotocol, and its refusal names it."""
    return {"bad": making.server(making.host(), 443, "hinted_subprotocol")}


@network("subprotocol")
def subprotocols_refused(making: Making) -> Fields:
    """The server takes no request that offers a subprotocol."""
    return {"bad": making.server(making.host(), 443, "no_subprotocol"), "arguments": {"subprotocols": ["v1.call"]}}


@network("service")
def page_at_every_path(making: Making) -> Fields:
    """The server has a page at every path, and the WebSocket at another one."""
    return {"bad": making.server(making.host(), 443, "page")}


@network("service", "front_end", "path")
def wrong_method_at_path(making: Making) -> Fields:
    """The path takes no GET."""
    return {"bad": making.server(making.host(), 443, "405")}


@network("login", "access_rule", "service")
def every_request_needs_a_login(making: Making) -> Fields:
    """The whole site is behind a login."""
    return {"bad": making.server(making.host(), 443, "403")}


@network("service", "login")
def sent_to_a_login_page(making: Making) -> Fields:
    """The service sends whoever has not logged in to a page of its own."""
    return {"bad": making.server(making.host(), 443, "portal")}


@network("bot_check")
def bot_check_stands_before(making: Making) -> Fields:
    """A bot check answers in the server's place, to browsers too."""
    return {"bad": making.server(making.host(), 443, "challenge")}


@network("service")
def answer_comes_too_late(making: Making) -> Fields:
    """The server takes longer to open than a region may take."""
    return {"bad": making.server(making.host(), 443, "late")}


@network("service")
def accept_is_wrong(making: Making) -> Fields:
    """The server opens with a wrong Sec-WebSocket-Accept."""
    return {"bad": making.server(making.host(), 443, "wrong_accept")}


@network("flaky", "passing")
def one_backend_of_two(making: Making) -> Fields:
    """A balancer has two servers behind it, one of which is down; no other region is there to compare with."""
    return {"bad": making.server(making.host(), 443, "every_other"), "others": {}}


@network("backend", "service", "front_end")
def front_end_waits_for_nobody(making: Making) -> Fields:
    """nginx stands before a server that is down: 502."""
    host, port = making.host(), making.port()
    making.programs.append(
        ("nginx", NGINX.format(address=host.address, port=port, pem=host.pem, behind=f"{host.address}:9"))
    )
    return {"bad": f"wss://{host.name}:{port}/"}


@network("large_packets")
def large_request_lost(making: Making) -> Fields:
    """Packets over 800 bytes are lost on the way to the server, and a long token makes the request longer."""
    host = making.host()
    making.incoming.append(f"ip daddr {host.address} tcp dport 443 meta length > 800 drop")
    return {"bad": making.server(host, 443), "arguments": {"headers": {"Authorization": "token " * 200}}}


# --- frames ----------------------------------------------------------------------------------------------------------


@network("service")
def reset_after_the_101(making: Making) -> Fields:
    """The server opens, and resets."""
    return {"bad": making.server(making.host(), 443, "reset_after")}


@network("service")
def frames_are_masked(making: Making) -> Fields:
    """The server masks its frames."""
    return {"bad": making.server(making.host(), 443, "masked")}


@network("no_pongs")
def pings_unanswered_in_the_clear(making: Making) -> Fields:
    """The server answers no ping, and has no TLS."""
    return {"bad": making.server(making.host(), making.port(), "no_pongs", pem=None)}


@network("large_packets")
def large_frames_lost_down(making: Making) -> Fields:
    """Packets over 1000 bytes are lost on the way from the server, whose certificate is shorter: the check passes."""
    host = making.host()
    making.outgoing.append(f"ip saddr {host.address} tcp sport 443 meta length > 1100 drop")
    return {"bad": making.server(host, 443, "corked"), "arguments": {"all_regions": True}}


@network("large_packets")
def large_frames_lost_up(making: Making) -> Fields:
    """Packets over 1000 bytes are lost on the way to the server, and the check sends none."""
    host = making.host()
    making.incoming.append(f"ip daddr {host.address} tcp dport 443 meta length > 1000 drop")
    return {"bad": making.server(host, 443), "arguments": {"all_regions": True}}


@network()
def all_is_well(making: Making) -> Fields:
    """Nothing is wrong, and every region is looked into."""
    return {"bad": making.server(making.host(), 443), "arguments": {"all_regions": True}}
