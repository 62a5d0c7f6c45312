"""The networks, each with one culprit that is known beforehand: a function a network."""

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
    Making,
    name_server_lines,
    network,
)

HOSTS = "127.0.0.1 localhost\n"
HELLO = range(40, 420)  # where a server's name may stand in the first message of TLS
_REQUEST = range(256)  # where a header may stand in a request
Fields = Mapping[str, Any]

# --- names -----------------------------------------------------------------------------------------------------------


@network("hosts_file")
def hosts_file_blocks(making: Making) -> Fields:
    """The hosts file gives the name 0.0.0.0."""
    host = making.host()
    return {"bad": making.server(host, 443), "etc": {"hosts": f"{HOSTS}0.0.0.0 {host.name}\n"}}


@network("hosts_file")
def hosts_file_is_old(making: Making) -> Fields:
    """The hosts file has an address at which nothing answers any more."""
    host, dead = making.host(), making.address()
    making.incoming.append(f"ip daddr {dead} drop")
    return {"bad": making.server(host, making.port()), "etc": {"hosts": f"{HOSTS}{dead} {host.name}\n"}}


@network("hosts_file")
def hosts_file_leads_to_another(making: Making) -> Fields:
    """The hosts file has the address of another server."""
    host, other = making.host(), making.host()
    making.server(other, 443)
    return {"bad": making.server(host, 443), "etc": {"hosts": f"{HOSTS}{other.address} {host.name}\n"}}


@network("search_list")
def search_list_finds_another(making: Making) -> Fields:
    """A wildcard in the search list's domain is found before the name itself."""
    host, stranger = making.host(), making.address()
    domain = f"office.{making.zone}"
    making.tables[NAME_SERVER][f"*.{domain}"] = {"A": [stranger]}
    making.tables[NAME_SERVER][f"{host.name}.{domain}"] = {"A": [stranger]}
    making.incoming.append(f"ip daddr {stranger} tcp dport 1-65535 reject with tcp reset")
    lines = name_server_lines(NAME_SERVER, more=[f"search {domain}", "options ndots:5"])
    good = f"wss://{making.good.name}./"
    return {"bad": making.server(host, 443), "others": {"good": good}, "etc": {"resolv.conf": lines}}


@network("dns_filter")
def name_server_blocks(making: Making) -> Fields:
    """The name server gives the name 0.0.0.0."""
    host = making.host(known=False)
    for table in making.tables.values():
        table[host.name] = {"A": ["0.0.0.0"], "AAAA": ["::"]}
    return {"bad": making.server(host, 443)}


@network("name_servers_differ")
def one_name_server_does_not_know(making: Making) -> Fields:
    """The first of two name servers has never heard of the name."""
    host = making.host()
    del making.tables[NAME_SERVER][host.name]
    lines = name_server_lines(NAME_SERVER, SECOND_NAME_SERVER)
    return {"bad": making.server(host, 443), "etc": {"resolv.conf": lines}}


@network("name_servers_differ")
def one_name_server_blocks(making: Making) -> Fields:
    """The first of two name servers gives the name 0.0.0.0."""
    host = making.host()
    making.tables[NAME_SERVER][host.name] = {"A": ["0.0.0.0"]}
    lines = name_server_lines(NAME_SERVER, SECOND_NAME_SERVER)
    return {"bad": making.server(host, 443), "etc": {"resolv.conf": lines}}


@network("name_server")
def name_server_is_silent(making: Making) -> Fields:
    """No name server answers; the other region has an address in its URL's place."""
    host = making.host()
    etc = {"resolv.conf": name_server_lines(SILENT_NAME_SERVER), "hosts": f"{HOSTS}{_good(making)}\n"}
    return {"bad": making.server(host, 443), "etc": etc}


def _good(making: Making) -> str:
    return f"{making.good.address} {making.good.name}"


@network()
def name_is_dropped(making: Making) -> Fields:
    """The name server answers all questions but those for this name."""
    host = making.host(known=False)
    making.tables[NAME_SERVER][host.name] = {"mute": True}
    return {"bad": making.server(host, 443)}


@network()
def name_is_unknown(making: Making) -> Fields:
    """The name does not exist."""
    return {"bad": making.server(making.host(known=False), 443)}


@network()
def name_server_fails(making: Making) -> Fields:
    """The name server answers SERVFAIL for this name."""
    host = making.host(known=False)
    making.tables[NAME_SERVER][host.name] = {"rcode": 2}
    return {"bad": making.server(host, 443)}


@network("local_resolver")
def resolver_asks_no_name_server(making: Making) -> Fields:
    """This machine's resolver is told to ask nobody."""
    etc = {"nsswitch.conf": "hosts: files\n", "hosts": f"{HOSTS}{_good(making)}\n"}
    return {"bad": making.server(making.host(), 443), "etc": etc}


# --- connections -----------------------------------------------------------------------------------------------------


@network("address_family")
def only_ipv6(making: Making) -> Fields:
    """The name has IPv6 alone, and this machine IPv4 alone."""
    host = making.host(known=False)
    for table in making.tables.values():
        table[host.name] = {"AAAA": ["2001:db8::5"]}
    return {"bad": f"wss://{host.name}:{making.port()}/"}


@network("port_rule")
def port_to_host_dropped(making: Making) -> Fields:
    """A firewall drops what goes to a port of this host."""
    host, port = making.host(), making.port()
    making.server(host, 443)
    making.incoming.append(f"ip daddr {host.address} tcp dport {port} drop")
    return {"bad": making.server(host, port)}


@network("port_rule")
def port_dropped(making: Making) -> Fields:
    """A firewall drops what goes to a port, whatever the host."""
    host, port = making.host(), making.port()
    making.server(host, 443)
    making.incoming.append(f"tcp dport {port} drop")
    return {"bad": making.server(host, port)}


@network("port_rule")
def port_forbidden(making: Making) -> Fields:
    """A router says that a port is administratively prohibited."""
    host, port = making.host(), making.port()
    making.server(host, 443)
    making.incoming.append(f"ip daddr {host.address} tcp dport {port} reject with icmpx type admin-prohibited")
    return {"bad": making.server(host, port)}


@network()
def host_dropped(making: Making) -> Fields:
    """A firewall drops all that goes to the host: from here it looks like a host that is down."""
    host = making.host()
    making.incoming.append(f"ip daddr {host.address} drop")
    return {"bad": making.server(host, 443)}


@network()
def port_refused(making: Making) -> Fields:
    """Nothing listens at the port: from here it looks like a firewall that refuses."""
    host = making.host()
    making.server(host, 443)
    return {"bad": f"wss://{host.name}:{making.port()}/"}


@network("this_machine")
def route_forbidden(making: Making) -> Fields:
    """This machine's own routes forbid the address."""
    host = making.host()
    making.forbidden.append(host.address)
    return {"bad": making.server(host, 443)}


@network("no_way_out")
def nothing_gets_out(making: Making) -> Fields:
    """A firewall drops all TCP; names are found."""
    hosts = [making.host() for _ in range(3)]
    making.incoming.extend(f"ip daddr {host.address} tcp dport 1-65535 drop" for host in hosts)
    first, *others = (making.server(host, 443) for host in hosts)
    return {"bad": first, "others": {f"other-{n}": url for n, url in enumerate(others)}}


@network("flaky", "passing")
def every_third_passes(making: Making) -> Fields:
    """A gateway refuses two requests of three."""
    return {"bad": making.server(making.host(), 443, "flaky")}


# --- proxies ---------------------------------------------------------------------------------------------------------

SQUID = """
http_port {address}:{port}
visible_hostname proxy.test
pid_filename none
access_log none
cache_log /dev/null
cache_store_log none
netdb_filename none
coredump_dir none
cache deny all
pinger_enable off
connect_retries 0
forward_max_tries 1
connect_timeout 1 second
dns_nameservers {name_server}
shutdown_lifetime 0 seconds
{rules}
http_access allow all
"""


def squid(making: Making, rules: str = "", *, name_server: str = NAME_SERVER) -> str:
    """Run a squid, and return its URL."""
    address, port = making.address(), making.port()
    making.programs.append(("squid", SQUID.format(address=address, port=port, rules=rules, name_server=name_server)))
    return f"http://{address}:{port}"


def through(proxy: str, **more: str) -> Fields:
    """Have the environment name a proxy, and more variables."""
    return {"environment": {"https_proxy": proxy, **more}, "arguments": {"proxy": True}}


@network("proxy_rule")
def proxy_denies_host(making: Making) -> Fields:
    """The proxy denies a host."""
    host = making.host()
    proxy = squid(making, f"acl bad dstdomain {host.name}\nhttp_access deny bad")
    return {"bad": making.server(host, 443), **through(proxy)}


@network("proxy_port_rule")
def proxy_denies_port(making: Making) -> Fields:
    """The proxy allows CONNECT to port 443 alone."""
    host = making.host()
    making.server(host, 443)
    proxy = squid(making, "acl web port 443\nhttp_access deny CONNECT !web")
    return {"bad": making.server(host, making.port()), **through(proxy)}


@network("proxy_login")
def proxy_wants_login(making: Making) -> Fields:
    """The proxy wants a login."""
    login = (
        "auth_param basic program /usr/bin/sed -u s/.*/ERR/\nauth_param basic children 1\n"
        "auth_param basic realm Company\nacl users proxy_auth REQUIRED\nhttp_access deny !users"
    )
    return {"bad": making.server(making.host(), 443), **through(squid(making, login))}


@network("proxy")
def proxy_is_down(making: Making) -> Fields:
    """Nothing listens where the proxy should."""
    proxy = f"http://{making.address()}:{making.port()}"
    return {"bad": making.server(making.host(), 443), **through(proxy)}


@network("proxy")
def proxy_is_mute(making: Making) -> Fields:
    """The proxy takes connections and says nothing."""
    host, port = making.host(), making.port()
    making.server(host, port, "mute", pem=None)
    return {"bad": making.server(making.host(), 443), **through(f"http://{host.name}:{port}")}


@network("not_a_proxy")
def proxy_is_a_web_server(making: Making) -> Fields:
    """What listens where the proxy should is a web server."""
    host, port = making.host(), making.port()
    making.server(host, port, "not_a_proxy", pem=None)
    return {"bad": making.server(making.host(), 443), **through(f"http://{host.name}:{port}")}


@network("proxy_way")
def proxy_does_not_get_there(making: Making) -> Fields:
    """A firewall behind the proxy drops what it sends to the host; directly it is reached."""
    host = making.host()
    making.incoming.append(f"ip saddr 198.51.0.0/16 ip daddr {host.address} drop")
    return {"bad": making.server(host, 443), **through(squid(making))}


@network("proxy_needed")
def proxy_is_needed(making: Making) -> Fields:
    """Directly nothing gets to the host, and no_proxy exempts it."""
    host = making.host()
    making.incoming.append(f"ip saddr {CLIENT} ip daddr {host.address} drop")
    return {"bad": making.server(host, 443), **through(squid(making), no_proxy=host.name)}


# --- TLS -------------------------------------------------------------------------------------------------------------


@network("name_filter")
def name_reset(making: Making) -> Fields:
    """A firewall resets connections in whose first message of TLS the name stands."""
    host = making.host()
    making.incoming.extend(making.seen_anywhere(443, host.name, "reject with tcp reset", HELLO))
    return {"bad": making.server(host, 443)}


@network("name_filter")
def name_in_hello_dropped(making: Making) -> Fields:
    """A firewall drops packets in which the name stands, in the first message of TLS."""
    host = making.host()
    making.incoming.extend(making.seen_anywhere(443, host.name, "drop", HELLO))
    return {"bad": making.server(host, 443)}


def _forging(making: Making, **organisation: str) -> Fields:
    """Have what answers at a host sign a certificate for whatever name is asked for, as a gateway does."""
    gateway = trustme.CA(**organisation)
    host = making.host()
    names = {name: making.certificate(gateway, name) for name in (host.name, making.good.name)}
    return {"bad": making.server(host, 443, names=names, pem=making.certificate(gateway, host.address))}


@network("interception")
def opened_by_a_gateway(making: Making) -> Fields:
    """A gateway opens TLS, whose authority nobody knows."""
    return _forging(making, organization_name="Contoso Ltd", organization_unit_name="Web Gateway")


@network("interception")
def opened_by_a_known_product(making: Making) -> Fields:
    """A gateway opens TLS, whose maker is known."""
    return _forging(making, organization_name="Zscaler Inc.", organization_unit_name="Zscaler Intermediate Root CA")


@network("tls_1_3")
def long_hello_reset(making: Making) -> Fields:
    """A firewall resets connections whose first message of TLS is long, as that of TLS 1.3 is."""
    host, port = making.host(), making.port()
    making.incoming.append(f"tcp dport {port} meta length > 450 reject with tcp reset")
    return {"bad": making.server(host, port)}


@network("large_packets")
def large_packets_lost_down(making: Making) -> Fields:
    """Packets over 700 bytes are lost on the way to the client."""
    host, port = making.host(key_type=trustme.KeyType.RSA), making.port()
    making.outgoing.append(f"tcp sport {port} meta length > 700 drop")
    return {"bad": making.server(host, port)}


@network("certificate_date")
def certificate_expired(making: Making) -> Fields:
    """The server's certificate has expired."""
    host = making.host(not_after=datetime.now(UTC) - timedelta(days=3))
    making.server(host, 80, pem=None)
    return {"bad": making.server(host, 443)}


@network("clock")
def clock_is_wrong(making: Making) -> Fields:
    """This machine's clock is years ahead."""
    host = making.host(not_after=datetime.now(UTC) + timedelta(days=90))
    making.server(host, 80, pem=None)
    return {"bad": making.server(host, 443), "others": {}, "at": "+1000d"}


@network("not_tls")
def port_without_tls(making: Making) -> Fields:
    """The server speaks WebSocket, and no TLS."""
    url = making.server(making.host(), making.port(), pem=None)
    return {"bad": url.replace("ws://", "wss://")}


@network("certificate_name")
def certificate_for_another(making: Making) -> Fields:
    """The server's certificate is for another name."""
    host = making.host()
    return {"bad": making.server(host, 443, pem=making.certificate(making.authority, f"other.{making.zone}"))}


@network("private_authority")
def private_authority(making: Making) -> Fields:
    """The server's certificate is signed by a private authority."""
    return {"bad": making.server(making.host(trustme.CA(organization_name="Our Own Authority")), 443)}


@network("old_tls")
def old_tls(making: Making) -> Fields:
    """The server speaks TLS 1.1 alone."""
    return {"bad": making.server(making.host(), 443, version="TLSv1_1")}


@network("client_certificate")
def client_certificate_wanted(making: Making) -> Fields:
    """The server wants a client certificate."""
    return {"bad": making.server(making.host(), 443, wants_certificate=True)}


@network("server_name")
def server_does_not_know_its_name(making: Making) -> Fields:
    """The balancer before the server ends TLS that asks for its own name, which it does not know."""
    host = making.host()
    return {"bad": making.server(host, 443, names={host.name: None})}


# --- the request for a WebSocket -------------------------------------------------------------------------------------


@network("origin")
def origin_wanted(making: Making) -> Fields:
    """The server takes no request without an Origin."""
    return {"bad": making.server(making.host(), 443, "origin")}


@network("subprotocol")
def subprotocol_wanted(making: Making) -> Fields:
    """The server wants one subprotocol, and not the one beside it."""
    url = making.server(making.host(), 443, "subprotocol")
    return {"bad": url, "arguments": {"subprotocols": ["v1.call", "v2.call"]}}


@network("user_agent")
def browser_wanted(making: Making) -> Fields:
    """A filter before the server lets browsers in alone."""
    return {"bad": making.server(making.host(), 443, "agent")}


@network("path")
def path_is_wrong(making: Making) -> Fields:
    """The server serves nothing at the path."""
    return {"bad": making.server(making.host(), 443, "404")}


@network("login")
def login_wanted(making: Making) -> Fields:
    """The server wants a login."""
    return {"bad": making.server(making.host(), 443, "401")}


@network("rate_limit")
def too_many_requests(making: Making) -> Fields:
    """The server says that there are too many requests."""
    return {"bad": making.server(making.host(), 443, "429")}


@network("network_login")
def network_wants_login(making: Making) -> Fields:
    """What stands before the network answers every request, and says that it wants a login."""
    url = making.server(making.host(), 80, "511", pem=None)
    return {"bad": url, "others": {"good": making.url(scheme="ws")}}


@network("network_login")
def portal_redirects(making: Making) -> Fields:
    """A portal sends every request to its login page."""
    first, second = (making.server(making.host(), 80, "portal", pem=None) for _ in range(2))
    return {"bad": first, "others": {"other": second}}


@network("service", "front_end")
def upgrade_unanswered(making: Making) -> Fields:
    """The server answers pages, and no request for a WebSocket."""
    return {"bad": making.server(making.host(), 443, "mute_upgrade")}


@network("interception")
def upgrade_held_by_a_known_product(making: Making) -> Fields:
    """A gateway whose root is installed opens TLS, and lets no upgrade pass."""
    gateway = making.gateway
    return {"bad": making.server(making.host(gateway), 443, "mute_upgrade")}


@network("plain_http")
def upgrade_dropped_in_the_clear(making: Making) -> Fields:
    """A firewall drops packets with the header of the upgrade, where it can read them."""
    host = making.host()
    making.server(host, 443)
    rules = making.seen_anywhere(80, "Upgrade: websocket", "drop", _REQUEST)
    making.incoming.extend(f"ip daddr {host.address} {rule}" for rule in rules)
    return {"bad": making.server(host, 80, pem=None)}


@network("plain_http")
def upgrade_reset_in_the_clear(making: Making) -> Fields:
    """A firewall resets connections with the header of the upgrade, where it can read them."""
    host = making.host()
    making.server(host, 443)
    rules = making.seen_anywhere(80, "Upgrade: websocket", "reject with tcp reset", _REQUEST)
    making.incoming.extend(f"ip daddr {host.address} {rule}" for rule in rules)
    return {"bad": making.server(host, 80, pem=None)}


@network("backend")
def backend_is_down(making: Making) -> Fields:
    """haproxy stands before a server that is down."""
    host, port = making.host(), making.port()
    making.programs.append(("haproxy", _HAPROXY.format(address=host.address, port=port, pem=host.pem)))
    return {"bad": f"wss://{host.name}:{port}/"}


@network("front_end")
def front_end_loses_the_upgrade(making: Making) -> Fields:
    """nginx stands before a WebSocket server, and passes the upgrade's headers not on."""
    host, port, behind = making.host(), making.port(), making.port()
    making.server(host, behind, pem=None)
    making.programs.append(
        ("nginx", NGINX.format(address=host.address, port=port, pem=host.pem, behind=f"{host.address}:{behind}"))
    )
    return {"bad": f"wss://{host.name}:{port}/"}


_HAPROXY = """
global
    maxconn 64
defaults
    mode http
    timeout connect 1s
    timeout client 5s
    timeout server 1s
    retries 0
frontend all
    bind {address}:{port} ssl crt {pem}
    default_backend dead
backend dead
    server one {address}:9
"""
NGINX = """
daemon off;
user root;
worker_processes 1;
pid nginx-{port}.pid;
error_log stderr notice;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path body-{port};
    proxy_temp_path proxy-{port};
    fastcgi_temp_path fastcgi-{port};
    scgi_temp_path scgi-{port};
    uwsgi_temp_path uwsgi-{port};
    server {{
        listen {address}:{port} ssl;
        ssl_certificate {pem};
        ssl_certificate_key {pem};
        location / {{ proxy_pass http://{behind}; proxy_http_version 1.1; }}
    }}
}}
"""
NGINX_IN_THE_CLEAR = """
daemon off;
user root;
worker_processes 1;
pid nginx.pid;
error_log stderr notice;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    scgi_temp_path scgi;
    uwsgi_temp_path uwsgi;
    server {{
        listen {address}:{port};
        location / {{ proxy_pass http://{behind}; proxy_http_version 1.1; }}
    }}
}}
"""

# --- frames ----------------------------------------------------------------------------------------------------------


@network("plain_http")
def frames_dropped_in_the_clear(making: Making) -> Fields:
    """A firewall lets the upgrade pass and no frame, where it can read them."""
    host, port = making.host(), 80
    making.server(host, 443)
    small = f"ip daddr {host.address} tcp dport {port} tcp flags & psh == psh meta length < 100 drop"
    making.incoming.append(small)
    return {"bad": making.server(host, port, pem=None)}


@network("buffering")
def frames_held_back(making: Making) -> Fields:
    """A front end holds frames back until there are enough."""
    return {"bad": making.server(making.host(), 443, "buffer")}


@network("no_pongs")
def pings_unanswered(making: Making) -> Fields:
    """The server answers no ping."""
    return {"bad": making.server(making.host(), 443, "no_pongs")}


@network("service")
def frames_swallowed(making: Making) -> Fields:
    """The front end opens WebSockets and connects them to nothing."""
    return {"bad": making.server(making.host(), 443, "swallow")}
