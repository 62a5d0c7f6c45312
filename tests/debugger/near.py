"""More networks: each is near to another one, and its culprit is another, or shows itself elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import trustme

from tests.debugger.making import (
    CLIENT,
    NAME_SERVER,
    SECOND_NAME_SERVER,
    SILENT_NAME_SERVER,
    Host,
    Making,
    name_server_lines,
    network,
)
from tests.debugger.networks import _HELLO, _HOSTS, _NGINX, _NGINX_IN_THE_CLEAR, _SQUID, _squid, _through

Fields = Mapping[str, Any]

# --- names -----------------------------------------------------------------------------------------------------------


def _split_horizon(making: Making, inside: Host) -> Fields:
    """Have the first name server know another address than the second one."""
    host = making.host()
    making.tables[NAME_SERVER][host.name] = {"A": [inside.address]}
    lines = name_server_lines(NAME_SERVER, SECOND_NAME_SERVER)
    return {"bad": making.server(host, 443), "etc": {"resolv.conf": lines}}


@network("name_servers_differ")
def inside_address_refuses(making: Making) -> Fields:
    """The first name server gives an address inside, at which nothing listens."""
    return _split_horizon(making, making.host(known=False))


@network("name_servers_differ")
def inside_address_is_another_server(making: Making) -> Fields:
    """The first name server gives the address of another server."""
    inside = making.host()
    making.server(inside, 443)
    return _split_horizon(making, inside)


@network("name_server")
def first_name_server_is_silent(making: Making) -> Fields:
    """The first name server is down, and to wait for it takes longer than a region may."""
    lines = name_server_lines(SILENT_NAME_SERVER, NAME_SERVER)
    etc = {"resolv.conf": lines, "hosts": f"{_HOSTS}{making.good.address} {making.good.name}\n"}
    return {"bad": making.server(making.host(), 443), "etc": etc}


@network("hosts_file")
def hosts_file_has_the_other_family(making: Making) -> Fields:
    """The hosts file has an address in IPv6 at which nothing answers."""
    host, dead = making.host(), making.address(family=6)
    making.incoming.append(f"ip6 daddr {dead} tcp dport 443 drop")
    return {"bad": making.server(host, 443), "etc": {"hosts": f"{_HOSTS}{dead} {host.name}\n"}}


@network()
def name_server_leads_to_a_block_page(making: Making) -> Fields:
    """The name server gives the address of a page that says that the name is blocked."""
    page = making.host(known=False)
    host = making.host(known=False)
    for table in making.tables.values():
        table[host.name] = {"A": [page.address]}
    blocked = making.certificate(trustme.CA(organization_name="Block Pages Ltd"), "blocked.filter.example")
    making.server(page, 443, "portal", pem=blocked)
    return {"bad": f"wss://{host.name}/"}


# --- several addresses -----------------------------------------------------------------------------------------------


def _of_both_families(making: Making, *, first: str = "healthy", **settings: Any) -> tuple[str, str]:
    """Have a server in both families, of which IPv6 is tried first; return its URL and its address there."""
    host = making.host()
    address = making.address(family=6)
    for table in making.tables.values():
        table[host.name]["AAAA"] = [address]
    making.server(Host(host.name, address, host.pem), 443, first, **settings)
    return making.server(host, 443), address


@network("one_address")
def one_address_is_overloaded(making: Making) -> Fields:
    """Of two servers behind one name the first is overloaded."""
    url, _ = _of_both_families(making, first="503")
    return {"bad": url}


@network("one_address")
def one_address_has_a_bad_certificate(making: Making) -> Fields:
    """Of two servers behind one name the first has another's certificate."""
    other = making.certificate(making.authority, f"other.{making.zone}")
    url, _ = _of_both_families(making, pem=other)
    return {"bad": url}


@network("one_address")
def one_address_is_mute(making: Making) -> Fields:
    """Of two servers behind one name the first takes connections and says nothing."""
    url, _ = _of_both_families(making, first="mute", pem=None)
    return {"bad": url}


@network("large_packets", "address_family", "one_address")
def large_packets_lost_in_ipv6(making: Making) -> Fields:
    """A tunnel that carries IPv6 loses large packets."""
    url, address = _of_both_families(making)
    making.outgoing.append(f"ip6 saddr {address} meta length > 700 drop")
    return {"bad": url}


# --- connections -----------------------------------------------------------------------------------------------------


@network("flaky", "passing")
def packets_are_lost(making: Making) -> Fields:
    """Of ten packets four are lost."""
    host = making.host()
    making.incoming.append(f"ip daddr {host.address} numgen random mod 10 < 4 drop")
    making.outgoing.append(f"ip saddr {host.address} numgen random mod 10 < 4 drop")
    return {"bad": making.server(host, 443)}


@network()
def bandwidth_is_starved(making: Making) -> Fields:
    """Two hundred bytes a second pass."""
    host = making.host(key_type=trustme.KeyType.RSA)
    making.outgoing.append(f"ip saddr {host.address} limit rate over 200 bytes/second burst 300 bytes drop")
    return {"bad": making.server(host, 443)}


@network("large_packets")
def large_request_lost(making: Making) -> Fields:
    """Packets over 800 bytes are lost on the way to the server, and a long token makes the request longer."""
    host = making.host()
    making.incoming.append(f"ip daddr {host.address} tcp dport 443 meta length > 800 drop")
    return {"bad": making.server(host, 443), "arguments": {"headers": {"Authorization": "token " * 200}}}


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


# --- proxies ---------------------------------------------------------------------------------------------------------


@network("proxy")
def nothing_gets_out_behind_the_proxy(making: Making) -> Fields:
    """A firewall behind the proxy drops everything, and the proxy waits for long."""
    hosts = [making.host() for _ in range(2)]
    making.incoming.extend(f"ip daddr {host.address} tcp dport 443 drop" for host in hosts)
    bad, other = (making.server(host, 443) for host in hosts)
    address, port = making.address(), making.port()
    patient = _SQUID.replace("connect_timeout 1 second", "connect_timeout 30 seconds")
    making.programs.append(("squid", patient.format(address=address, port=port, rules="", name_server=NAME_SERVER)))
    return {"bad": bad, "others": {"other": other}, **_through(f"http://{address}:{port}")}


@network("proxy")
def proxy_leads_astray(making: Making) -> Fields:
    """The proxy connects to another server in the place of this one."""
    host, other = making.host(), making.host()
    making.server(other, 443)
    making.tables[SECOND_NAME_SERVER][host.name] = {"A": [other.address]}
    return {"bad": making.server(host, 443), **_through(_squid(making, name_server=SECOND_NAME_SERVER))}


@network("name_filter")
def name_reset_behind_the_proxy(making: Making) -> Fields:
    """Behind the proxy a firewall resets connections in whose first message of TLS the name stands."""
    host = making.host()
    rules = making.seen_anywhere(443, host.name, "reject with tcp reset", _HELLO)
    making.incoming.extend(rules)
    making.incoming.append(f"ip saddr {CLIENT} ip daddr {{ {host.address} }} drop")
    return {"bad": making.server(host, 443), **_through(_squid(making))}


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


@network("server_name")
def server_names_unknown_everywhere(making: Making) -> Fields:
    """Each front end ends TLS that asks for a name that it does not know, and one does not know its own."""
    host, other = making.host(), making.host()
    for at in (host, other):
        known = {other.name: at.pem if at is other else making.certificate(making.authority, other.name)}
        making.server(at, 443, names={**known, "": None})
    return {"bad": f"wss://{host.name}/", "others": {"good": f"wss://{other.name}/"}}


@network("network_login")
def portal_in_tls(making: Making) -> Fields:
    """A portal answers for every host, with its own certificate."""
    hosts = [making.host() for _ in range(3)]
    pem = making.certificate(making.authority, "login.hotel.example")
    bad, *others = (making.server(host, 443, "portal", pem=pem) for host in hosts)
    return {"bad": bad, "others": {f"other-{n}": url for n, url in enumerate(others)}}


@network("clock")
def clock_is_wrong_and_the_web_is_shut(making: Making) -> Fields:
    """This machine's clock is years behind, and no server tells its date."""
    bad, other = (making.host(not_before=datetime.now(UTC) - timedelta(days=10)) for _ in range(2))
    return {"bad": making.server(bad, 443), "others": {"other": making.server(other, 443)}, "at": "-1000d"}


# --- the request for a WebSocket -------------------------------------------------------------------------------------


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
        ("nginx", _NGINX_IN_THE_CLEAR.format(address=host.address, port=80, behind=f"{host.address}:{behind}"))
    )
    return {"bad": f"ws://{host.name}/"}


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


@network("service")
def page_at_every_path(making: Making) -> Fields:
    """The server has a page at every path, and the WebSocket at another one."""
    return {"bad": making.server(making.host(), 443, "page")}


@network("flaky", "passing")
def one_backend_of_two(making: Making) -> Fields:
    """A balancer has two servers behind it, one of which is down; no other region is there to compare with."""
    return {"bad": making.server(making.host(), 443, "every_other"), "others": {}}


@network()
def unknown_names_cut(making: Making) -> Fields:
    """Each front end resets TLS that asks for a name that it does not know, and one does not know its own."""
    host, other = making.host(), making.host()
    for name in (host.name, "unknown.invalid"):
        rules = making.seen_anywhere(443, name, "reject with tcp reset", _HELLO)
        making.incoming.extend(f"ip daddr {{ {host.address}, {other.address} }} {rule}" for rule in rules)
    return {"bad": making.server(host, 443), "others": {"good": making.server(other, 443)}}


@network("wants_tls")
def no_tls_to_a_port_with_tls(making: Making) -> Fields:
    """The URL says ws://, and the port is one of TLS."""
    return {"bad": making.server(making.host(), making.port()).replace("wss://", "ws://")}


@network("not_tls")
def tls_to_a_port_without(making: Making) -> Fields:
    """The URL says wss://, and names the port for HTTP."""
    host = making.host()
    making.server(host, 443)
    return {"bad": making.server(host, 80, pem=None).replace("ws://", "wss://")}


@network("hosts_file")
def hosts_file_leads_to_another_in_the_clear(making: Making) -> Fields:
    """The hosts file has the address of another server, and there is no TLS to show it."""
    host, other = making.host(), making.host()
    making.server(other, 80, "404", pem=None)
    return {"bad": making.server(host, 80, pem=None), "etc": {"hosts": f"{_HOSTS}{other.address} {host.name}\n"}}


@network("search_list")
def search_list_finds_another_in_tls(making: Making) -> Fields:
    """A wildcard in the search list's domain leads to a server of its own."""
    host, stranger = making.host(), making.host()
    making.server(stranger, 443)
    domain = f"lan.{making.zone}"
    for name in (f"*.{domain}", f"{host.name}.{domain}"):
        making.tables[NAME_SERVER][name] = {"A": [stranger.address]}
    lines = name_server_lines(NAME_SERVER, more=[f"search {domain}", "options ndots:5"])
    good = f"wss://{making.good.name}./"
    return {"bad": making.server(host, 443), "others": {"good": good}, "etc": {"resolv.conf": lines}}


@network("name_servers_differ")
def inside_address_has_an_old_server(making: Making) -> Fields:
    """The first name server gives an address inside, with the right certificate and nothing at the path."""
    inside = making.host()
    host = making.host()
    making.server(Host(host.name, inside.address, host.pem), 443, "404")
    making.tables[NAME_SERVER][host.name] = {"A": [inside.address]}
    lines = name_server_lines(NAME_SERVER, SECOND_NAME_SERVER)
    return {"bad": making.server(host, 443), "etc": {"resolv.conf": lines}}


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


@network("rate_limit", "flaky", "passing")
def connections_limited(making: Making) -> Fields:
    """A firewall before the server lets three new connections a minute pass."""
    host = making.host()
    making.incoming.append(
        f"ip daddr {host.address} tcp dport 443 tcp flags & (syn | ack) == syn"
        " limit rate over 3/minute burst 3 packets drop"
    )
    url = making.server(host, 443)
    others = {"good": making.url(), **{f"a{n}": f"{url}{n}" for n in range(3)}}
    return {"bad": f"{url}last", "others": others, "arguments": {"max_workers": 1, "timeout": 3.0}}


@network("service", "login")
def sent_to_a_login_page(making: Making) -> Fields:
    """The service sends whoever has not logged in to a page of its own."""
    return {"bad": making.server(making.host(), 443, "portal")}


@network("service")
def answer_comes_too_late(making: Making) -> Fields:
    """The server takes longer to open than a region may take."""
    return {"bad": making.server(making.host(), 443, "late")}


@network("service")
def accept_is_wrong(making: Making) -> Fields:
    """The server opens with a wrong Sec-WebSocket-Accept."""
    return {"bad": making.server(making.host(), 443, "wrong_accept")}


@network("service")
def reset_after_the_101(making: Making) -> Fields:
    """The server opens, and resets."""
    return {"bad": making.server(making.host(), 443, "reset_after")}


@network("service")
def frames_are_masked(making: Making) -> Fields:
    """The server masks its frames."""
    return {"bad": making.server(making.host(), 443, "masked")}


@network("bot_check")
def bot_check_stands_before(making: Making) -> Fields:
    """A bot check answers in the server's place, to browsers too."""
    return {"bad": making.server(making.host(), 443, "challenge")}


@network()
def page_says_blocked_in_the_clear(making: Making) -> Fields:
    """A filter answers requests for a WebSocket with 403, where it can read them."""
    host = making.host()
    making.server(host, 443)
    return {"bad": making.server(host, 80, "403_upgrade", pem=None)}


@network("name_filter")
def name_reset_with_no_other_region(making: Making) -> Fields:
    """A filter by name, and no region to compare with."""
    host = making.host()
    making.incoming.extend(making.seen_anywhere(443, host.name, "reject with tcp reset", _HELLO))
    return {"bad": making.server(host, 443), "others": {}}


@network("port_rule")
def web_in_tls_dropped_everywhere(making: Making) -> Fields:
    """TCP to port 443 is dropped, and to port 80 it is not."""
    hosts = [making.host() for _ in range(2)]
    for host in hosts:
        making.server(host, 80, pem=None)
        making.incoming.append(f"ip daddr {host.address} tcp dport 443 drop")
    bad, other = (making.server(host, 443) for host in hosts)
    return {"bad": bad, "others": {"other": other}}


@network("proxy_rule")
def proxy_denies_this_program(making: Making) -> Fields:
    """The proxy lets browsers through alone."""
    rules = "acl ours browser -i wsconn\nhttp_access deny ours"
    return {"bad": making.server(making.host(), 443), **_through(_squid(making, rules))}


@network("proxy_way")
def proxy_does_not_know_the_name(making: Making) -> Fields:
    """The proxy asks another name server, which does not know the name."""
    host = making.host()
    del making.tables[SECOND_NAME_SERVER][host.name]
    return {"bad": making.server(host, 443), **_through(_squid(making, name_server=SECOND_NAME_SERVER))}


@network("backend", "service", "front_end")
def front_end_waits_for_nobody(making: Making) -> Fields:
    """nginx stands before a server that is down: 502."""
    host, port = making.host(), making.port()
    making.programs.append(
        ("nginx", _NGINX.format(address=host.address, port=port, pem=host.pem, behind=f"{host.address}:9"))
    )
    return {"bad": f"wss://{host.name}:{port}/"}


@network()
def taken_and_reset(making: Making) -> Fields:
    """Something takes the connection, and resets what comes over it."""
    host = making.host()
    making.incoming.append(f"ip daddr {host.address} tcp flags & psh == psh reject with tcp reset")
    return {"bad": making.server(host, 443)}


@network("subprotocol")
def subprotocols_refused(making: Making) -> Fields:
    """The server takes no request that offers a subprotocol."""
    return {"bad": making.server(making.host(), 443, "no_subprotocol"), "arguments": {"subprotocols": ["v1.call"]}}
