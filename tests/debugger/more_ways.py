"""More networks, near to others: the way to an open connection."""

from __future__ import annotations

from collections.abc import Mapping
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
from tests.debugger.networks import HELLO, HOSTS, SQUID, squid, through

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


@network("name_servers_differ")
def inside_address_has_an_old_server(making: Making) -> Fields:
    """The first name server gives an address inside, with the right certificate and nothing at the path."""
    inside = making.host()
    host = making.host()
    making.server(Host(host.name, inside.address, host.pem), 443, "404")
    making.tables[NAME_SERVER][host.name] = {"A": [inside.address]}
    lines = name_server_lines(NAME_SERVER, SECOND_NAME_SERVER)
    return {"bad": making.server(host, 443), "etc": {"resolv.conf": lines}}


@network("name_server")
def first_name_server_is_silent(making: Making) -> Fields:
    """The first name server is down, and to wait for it takes longer than a region may."""
    lines = name_server_lines(SILENT_NAME_SERVER, NAME_SERVER)
    etc = {"resolv.conf": lines, "hosts": f"{HOSTS}{making.good.address} {making.good.name}\n"}
    return {"bad": making.server(making.host(), 443), "etc": etc}


@network("hosts_file")
def hosts_file_has_the_other_family(making: Making) -> Fields:
    """The hosts file has an address in IPv6 at which nothing answers."""
    host, dead = making.host(), making.address(family=6)
    making.incoming.append(f"ip6 daddr {dead} tcp dport 443 drop")
    return {"bad": making.server(host, 443), "etc": {"hosts": f"{HOSTS}{dead} {host.name}\n"}}


@network("hosts_file")
def hosts_file_leads_to_another_in_the_clear(making: Making) -> Fields:
    """The hosts file has the address of another server, and there is no TLS to show it."""
    host, other = making.host(), making.host()
    making.server(other, 80, "404", pem=None)
    return {"bad": making.server(host, 80, pem=None), "etc": {"hosts": f"{HOSTS}{other.address} {host.name}\n"}}


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


@network()
def old_name_in_dns(making: Making) -> Fields:
    """The name has an old address, at which another customer's server answers now."""
    host, stranger = making.host(known=False), making.host(known=False)
    for table in making.tables.values():
        table[host.name] = {"A": [stranger.address]}
    making.server(stranger, 443, pem=making.certificate(making.authority, "shop.elsewhere.example"))
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


@network()
def ipv6_host_dropped(making: Making) -> Fields:
    """The host has an address in IPv6 alone, and a firewall drops what goes there."""
    host, address = making.host(known=False), making.address(family=6)
    for table in making.tables.values():
        table[host.name] = {"AAAA": [address]}
    making.incoming.append(f"ip6 daddr {address} tcp dport 1-65535 drop")
    return {"bad": making.server(Host(host.name, address, host.pem), 443)}


@network("port_rule")
def ipv6_port_dropped(making: Making) -> Fields:
    """The host has an address in IPv6 alone, and a firewall drops what goes to the port there."""
    host, address, port = making.host(known=False), making.address(family=6), making.port()
    for table in making.tables.values():
        table[host.name] = {"AAAA": [address]}
    making.server(Host(host.name, address, host.pem), 443)
    making.incoming.append(f"ip6 daddr {address} tcp dport {port} drop")
    return {"bad": making.server(Host(host.name, address, host.pem), port)}


@network("port_rule")
def web_in_tls_dropped_everywhere(making: Making) -> Fields:
    """TCP to port 443 is dropped, and to port 80 it is not."""
    hosts = [making.host() for _ in range(2)]
    for host in hosts:
        making.server(host, 80, pem=None)
        making.incoming.append(f"ip daddr {host.address} tcp dport 443 drop")
    bad, other = (making.server(host, 443) for host in hosts)
    return {"bad": bad, "others": {"other": other}}


@network("flaky", "passing", "poor_way")
def packets_are_lost(making: Making) -> Fields:
    """Of ten packets four are lost."""
    host = making.host()
    making.incoming.append(f"ip daddr {host.address} numgen random mod 10 < 4 drop")
    making.outgoing.append(f"ip saddr {host.address} numgen random mod 10 < 4 drop")
    return {"bad": making.server(host, 443)}


@network("poor_way")
def bandwidth_is_starved(making: Making) -> Fields:
    """Two hundred bytes a second pass."""
    host = making.host(key_type=trustme.KeyType.RSA)
    making.outgoing.append(f"ip saddr {host.address} limit rate over 200 bytes/second burst 300 bytes drop")
    return {"bad": making.server(host, 443)}


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


@network()
def taken_and_reset(making: Making) -> Fields:
    """Something takes the connection, and resets what comes over it."""
    host = making.host()
    making.incoming.append(f"ip daddr {host.address} tcp flags & psh == psh reject with tcp reset")
    return {"bad": making.server(host, 443)}


# --- proxies ---------------------------------------------------------------------------------------------------------


@network("proxy")
def nothing_gets_out_behind_the_proxy(making: Making) -> Fields:
    """A firewall behind the proxy drops everything, and the proxy waits for long."""
    hosts = [making.host() for _ in range(2)]
    making.incoming.extend(f"ip daddr {host.address} tcp dport 443 drop" for host in hosts)
    bad, other = (making.server(host, 443) for host in hosts)
    address, port = making.address(), making.port()
    patient = SQUID.replace("connect_timeout 1 second", "connect_timeout 30 seconds")
    making.programs.append(("squid", patient.format(address=address, port=port, rules="", name_server=NAME_SERVER)))
    return {"bad": bad, "others": {"other": other}, **through(f"http://{address}:{port}")}


@network("proxy")
def proxy_leads_astray(making: Making) -> Fields:
    """The proxy connects to another server in the place of this one."""
    host, other = making.host(), making.host()
    making.server(other, 443)
    making.tables[SECOND_NAME_SERVER][host.name] = {"A": [other.address]}
    return {"bad": making.server(host, 443), **through(squid(making, name_server=SECOND_NAME_SERVER))}


@network("proxy_rule")
def proxy_denies_this_program(making: Making) -> Fields:
    """The proxy lets browsers through alone."""
    rules = "acl ours browser -i wsconn\nhttp_access deny ours"
    return {"bad": making.server(making.host(), 443), **through(squid(making, rules))}


@network("proxy_way")
def proxy_does_not_know_the_name(making: Making) -> Fields:
    """The proxy asks another name server, which does not know the name."""
    host = making.host()
    del making.tables[SECOND_NAME_SERVER][host.name]
    return {"bad": making.server(host, 443), **through(squid(making, name_server=SECOND_NAME_SERVER))}


@network("name_filter")
def name_reset_behind_the_proxy(making: Making) -> Fields:
    """Behind the proxy a firewall resets connections in whose first message of TLS the name stands."""
    host = making.host()
    rules = making.seen_anywhere(443, host.name, "reject with tcp reset", HELLO)
    making.incoming.extend(rules)
    making.incoming.append(f"ip saddr {CLIENT} ip daddr {{ {host.address} }} drop")
    return {"bad": making.server(host, 443), **through(squid(making))}


@network("proxy")
def socks_proxy_is_down(making: Making) -> Fields:
    """Nothing listens where the SOCKS proxy should, and its name is found."""
    proxy = making.host()
    return {
        "bad": making.server(making.host(), 443),
        **through(f"socks5h://{proxy.name}:{making.port()}"),
    }


@network("proxy")
def proxy_has_no_address(making: Making) -> Fields:
    """The proxy's name does not exist."""
    proxy = making.host(known=False)
    return {"bad": making.server(making.host(), 443), **through(f"http://{proxy.name}:3128")}


@network("not_a_proxy", "proxy")
def socks_proxy_speaks_http(making: Making) -> Fields:
    """The settings say SOCKS, and the proxy speaks HTTP."""
    return {"bad": making.server(making.host(), 443), **through(squid(making).replace("http://", "socks5://"))}


@network("proxy_needed")
def proxy_is_needed_in_the_clear(making: Making) -> Fields:
    """Nothing gets out directly, and a proxy is named for URLs with TLS alone."""
    host, good = making.host(), making.host()
    for one in (host, good):
        making.incoming.append(f"ip saddr {CLIENT} ip daddr {one.address} drop")
    bad = making.server(host, 80, pem=None)
    return {"bad": bad, "others": {"good": making.server(good, 443)}, **through(squid(making))}
