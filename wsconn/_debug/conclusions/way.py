"""Rules for the way to an open connection: the name and TCP; those for proxies stand between."""

from __future__ import annotations

from wsconn._debug.conclusions import proxy
from wsconn._debug.conclusions.rule import Rule
from wsconn._debug.records import Addressee, Certainty
from wsconn._outcome import Cause, Stage

_SILENT = (Cause.TIMEOUT, Cause.UNREACHABLE)
_WRONG_ADDRESS = (Stage.RESOLVE, Stage.CONNECT, Stage.TLS, Stage.UPGRADE)
_NO_PROXY_YET = (Stage.RESOLVE, Stage.CONNECT, Stage.TLS, Stage.UPGRADE, Stage.FRAMES)

_ASTRAY = (
    Rule(
        suspect="hosts_file",
        certainty=Certainty.SHOWN,
        addressee=Addressee.USER,
        stages=_WRONG_ADDRESS,
        passed=("name_server_address",),
        failed=("hosts_file",),
        sentence="This machine's hosts file leads the name astray: {hosts_entry}. At the address that the name server"
        " gives it works. Remove the entry.",
    ),
    Rule(
        suspect="hosts_file",
        certainty=Certainty.LIKELY,
        addressee=Addressee.USER,
        stages=(Stage.RESOLVE,),
        failed=("hosts_file",),
        sentence="This machine's hosts file speaks of the name: {hosts_entry}. Remove the entry, or correct it.",
    ),
    Rule(
        suspect="search_list",
        certainty=Certainty.SHOWN,
        addressee=Addressee.USER,
        stages=_WRONG_ADDRESS,
        passed=("final_dot",),
        sentence="The search list of this machine's resolver leads the name astray. Written with a final dot, {name}."
        " is found where it should be. Take the domain out of the search list (in /etc/resolv.conf, or in what DHCP or"
        " a VPN sets), or lower ndots.",
    ),
)
_SPLIT = (
    Rule(
        suspect="name_servers_differ",
        certainty=Certainty.LIKELY,
        addressee=Addressee.NETWORK,
        stages=_WRONG_ADDRESS[1:],
        passed=("name_server_address", "hosts_file", "name_server"),
        failed=("again",),
        facts=("addresses_differ",),
        sentence="This machine's name servers give different addresses for {name}: {server_says_all}. The check went"
        " to {address} and failed; at another of these it works. Have the wrong entry corrected: it may be an old one,"
        " or one for internal use.",
    ),
    Rule(
        suspect="local_resolver",
        certainty=Certainty.LIKELY,
        addressee=Addressee.USER,
        stages=_WRONG_ADDRESS[1:],
        passed=("name_server_address", "hosts_file", "name_server"),
        failed=("again",),
        sentence="This machine went to {address}, but its name server says something else, which works:"
        " {server_says_all}. A cache (nscd, systemd-resolved) or another source in /etc/nsswitch.conf has an old"
        " address: restart the cache, or correct that source.",
    ),
)
_PAC = (
    Rule(
        suspect="pac_file",
        certainty=Certainty.LIKELY,
        addressee=Addressee.NETWORK,
        stages=(Stage.RESOLVE, Stage.CONNECT),
        failed=("again",),
        facts=("pac_file_unused",),
        sentence="The PAC file that should name the way to {server} was not used, and without it the way fails."
        " {advice}",
    ),
)
_NAMES = (
    Rule(
        suspect="name_server",
        certainty=Certainty.SHOWN,
        addressee=Addressee.NETWORK,
        stages=(Stage.RESOLVE,),
        causes=(Cause.TIMEOUT, Cause.DNS_FAILED),
        partly=("name_server", "name_server_alive"),
        sentence="The name server {silent} answers nothing at all, not even about the DNS root, while {answering}"
        " does. Waiting for the silent one takes too long: have it repaired, or removed from the settings.",
    ),
    Rule(
        suspect="name_servers_differ",
        certainty=Certainty.SHOWN,
        addressee=Addressee.NETWORK,
        stages=(Stage.RESOLVE,),
        partly=("name_server",),
        sentence="This machine's name servers do not agree: {answering} gives addresses of {name}, and {not_answering}"
        " does not ({filter_says}). Have that one corrected, or taken out of the settings.",
    ),
    Rule(
        suspect="dns_filter",
        certainty=Certainty.SHOWN,
        addressee=Addressee.NETWORK,
        stages=(Stage.RESOLVE,),
        causes=(Cause.DNS_BLOCKED,),
        passed=("hosts_file",),
        failed=("name_server",),
        sentence="The name server {not_answering} blocks the name {name}: asked for itself, it gives an address that no"
        " server can have. The hosts file has no part in it. Ask for the name to be allowed in the DNS filter.",
    ),
    Rule(
        suspect="name_server",
        certainty=Certainty.SHOWN,
        addressee=Addressee.NETWORK,
        stages=(Stage.RESOLVE,),
        causes=(Cause.TIMEOUT, Cause.DNS_FAILED, Cause.DNS_NOT_FOUND),
        failed=("name_server", "name_server_alive"),
        sentence="The name server {not_answering} answers nothing at all, not even about the root of all names: it is"
        " down, or this machine has no way to it.",
    ),
    Rule(
        suspect="local_resolver",
        certainty=Certainty.SHOWN,
        addressee=Addressee.USER,
        stages=(Stage.RESOLVE,),
        passed=("name_server", "hosts_file"),
        failed=("again",),
        sentence="The name server {answering} gives addresses of {name}, and this machine's own resolver does not: a"
        " cache (nscd, systemd-resolved) or /etc/nsswitch.conf is in between. Restart the cache, or look there.",
    ),
    Rule(
        suspect=None,
        certainty=Certainty.CANNOT_BE_TOLD,
        addressee=Addressee.NETWORK,
        stages=(Stage.RESOLVE,),
        passed=("name_server_alive",),
        failed=("name_server",),
        facts=("others_pass",),
        sentence="The name server {not_answering} works, and has no address of {name} ({filter_says}). From here it"
        " cannot be told whether it filters the name, or whether the name has none. Look the name up from another"
        " network: if it is found there, ask this network's administrator to allow it.",
    ),
    Rule(
        suspect=None,
        certainty=Certainty.CANNOT_BE_TOLD,
        addressee=Addressee.NETWORK,
        stages=(Stage.RESOLVE,),
        passed=("name_server_alive",),
        failed=("name_server",),
        sentence="The name server {not_answering} answers, and has no address of {name} ({filter_says}). Check the"
        " spelling, then look the name up from another network: if it is found there, ask this network's"
        " administrator.",
    ),
)
_OTHER_WAY = (
    Rule(
        suspect="proxy_needed",
        certainty=Certainty.SHOWN,
        addressee=Addressee.USER,
        stages=_NO_PROXY_YET,
        passed=("proxied",),
        failed=("again",),
        sentence="Directly {server} is not reached; through the proxy that the settings name for others it is. Take the"
        " host out of no_proxy, or name the proxy for URLs of this scheme too.",
    ),
)
_CONNECTIONS = (
    Rule(
        suspect="this_machine",
        certainty=Certainty.SHOWN,
        addressee=Addressee.USER,
        stages=(Stage.CONNECT, Stage.PROXY),
        causes=(Cause.BLOCKED_LOCALLY,),
        failed=("again",),
        sentence="This machine itself forbids the connection to {server}: a firewall, a security product, a route or a"
        " sandbox on it. Nothing left this machine.",
    ),
    Rule(
        suspect="this_machine",
        certainty=Certainty.SHOWN,
        addressee=Addressee.USER,
        stages=(Stage.CONNECT,),
        causes=(Cause.REFUSED,),
        failed=("again",),
        facts=("this_machine_itself",),
        sentence="Nothing listens at {server}, and that is this machine itself: no network is in between. {advice}",
    ),
    Rule(
        suspect="address_family",
        certainty=Certainty.SHOWN,
        addressee=Addressee.NETWORK,
        stages=(Stage.CONNECT,),
        failed=("again",),
        facts=("no_route",),
        sentence="This machine has no {family}, and {host} nothing else: ask the network's administrator for {family},"
        " or the service's operator for an address of the other family.",
    ),
    Rule(
        suspect="address_family",
        certainty=Certainty.SHOWN,
        addressee=Addressee.NETWORK,
        stages=(Stage.RESOLVE, Stage.CONNECT, Stage.TLS),
        passed=("ipv4_alone",),
        failed=("ipv6_alone", "again"),
        sentence="In IPv4 alone {server} is reached, in IPv6 it is not: the way in IPv6 is broken.",
    ),
    Rule(
        suspect="address_family",
        certainty=Certainty.SHOWN,
        addressee=Addressee.NETWORK,
        stages=(Stage.RESOLVE, Stage.CONNECT, Stage.TLS),
        passed=("ipv6_alone",),
        failed=("ipv4_alone", "again"),
        sentence="In IPv6 alone {server} is reached, in IPv4 it is not: the way in IPv4 is broken.",
    ),
    Rule(
        suspect="one_address",
        certainty=Certainty.LIKELY,
        addressee=Addressee.SERVICE,
        stages=(Stage.CONNECT,),
        passed=("address",),
        failed=("again",),
        sentence="{host} works at {good_addresses} but not at {address}: that server is down, or the way to it is"
        " broken. Tell the service's operator; if it works from other networks, tell this network's administrator.",
    ),
    Rule(
        suspect="port_rule",
        certainty=Certainty.LIKELY,
        addressee=Addressee.NETWORK,
        stages=(Stage.CONNECT,),
        causes=_SILENT,
        passed=("port",),
        failed=("port_elsewhere", "again"),
        sentence="No TCP to port {port} gets through to any host: {host} answers at port {open_ports}, and"
        " {other_host}, whose region passes, is not reached at port {port} either. Most likely this network's firewall"
        " allows only the usual ports: have outgoing TCP to port {port} allowed. If it already is, check the port with"
        " the service's operator: firewalls in front of servers block other ports, too.",
    ),
    Rule(
        suspect="port_rule",
        certainty=Certainty.LIKELY,
        addressee=Addressee.NETWORK,
        stages=(Stage.CONNECT,),
        causes=_SILENT,
        passed=("port",),
        failed=("again",),
        sentence="{host} answers at port {open_ports}, and packets to port {port} get no answer: a firewall drops"
        " them, most likely this network's. Have outgoing TCP to {server} allowed; if it is, ask the service's"
        " operator about the firewall in front of the server.",
    ),
    Rule(
        suspect=None,
        certainty=Certainty.CANNOT_BE_TOLD,
        addressee=None,
        stages=(Stage.CONNECT,),
        causes=(Cause.REFUSED,),
        passed=("port",),
        failed=("again",),
        sentence="{host} answers at port {open_ports}, and refuses at port {port}: nothing listens there, or a firewall"
        " refuses in its name; a refusal does not show which. Check the port with the service's operator, then have"
        " outgoing TCP to {server} allowed.",
    ),
    Rule(
        suspect="no_way_out",
        certainty=Certainty.LIKELY,
        addressee=Addressee.NETWORK,
        stages=(Stage.CONNECT,),
        causes=_SILENT,
        failed=("port", "again"),
        facts=("none_pass", "directly"),
        sentence="No TCP gets out of this network: no region is reached, nor {host} at any other port. Ask the"
        " network's administrator whether there is a proxy to be used, and whether the network is connected.",
    ),
)
RULES = (*_ASTRAY, *_SPLIT, *_PAC, *_NAMES, *_OTHER_WAY, *proxy.RULES, *_CONNECTIONS)
