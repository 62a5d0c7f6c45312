"""Rules for the TLS handshake and the certificate."""

from __future__ import annotations

from wsconn._debug.conclusions.rule import Rule
from wsconn._debug.records import Addressee, Certainty
from wsconn._outcome import Cause, Stage

_TLS = (Stage.TLS,)
_CUT = (Cause.TIMEOUT, Cause.CLOSED)
_BY_DATE = (Cause.TLS_EXPIRED, Cause.TLS_NOT_YET_VALID)
_STRANGE = (Cause.TLS_UNTRUSTED, Cause.TLS_HOSTNAME_MISMATCH)

_HANDSHAKE = (
    Rule(
        suspect="name_filter",
        certainty=Certainty.SHOWN,
        addressee=Addressee.NETWORK,
        stages=_TLS,
        causes=(*_CUT, Cause.TLS_FAILED),
        passed=("other_server_name", "unknown_name_elsewhere"),
        failed=("look", "server_name_elsewhere"),
        sentence="Something on the way cuts TLS that asks for {host}, and lets the same server be asked for"
        " {other_host}. The server of {other_host} cannot be asked for {host} either, but answers for any other name."
        " A filter goes by the name: have {host} allowed there.",
    ),
    Rule(
        suspect="server_name",
        certainty=Certainty.LIKELY,
        addressee=Addressee.SERVICE,
        stages=_TLS,
        causes=_CUT,
        passed=("other_server_name", "server_name_elsewhere"),
        failed=("look",),
        sentence="The server at {server} ends TLS that asks for {host}, and takes another name; elsewhere {host} may"
        " be asked for. The server, or the load balancer in front of it, does not seem to know its own name.",
    ),
    Rule(
        suspect=None,
        certainty=Certainty.CANNOT_BE_TOLD,
        addressee=None,
        stages=_TLS,
        causes=(*_CUT, Cause.TLS_FAILED),
        passed=("other_server_name",),
        failed=("look", "server_name_elsewhere", "unknown_name_elsewhere"),
        sentence="{server} refuses TLS that asks for {host}, but not for {other_host}. Either the server, or the load"
        " balancer in front of it, does not know its own name, or a filter on the way goes by the name. Test from"
        " another network. If it fails there too, tell the service's operator; if not, tell this network's"
        " administrator.",
    ),
    Rule(
        suspect="name_filter",
        certainty=Certainty.LIKELY,
        addressee=Addressee.NETWORK,
        stages=_TLS,
        causes=_CUT,
        passed=("no_server_name",),
        failed=("look",),
        sentence="TLS that asks for {host} is cut, and TLS that names nobody is not: most likely a filter by name on"
        " the way. Have {host} allowed there.",
    ),
    Rule(
        suspect="server_name",
        certainty=Certainty.LIKELY,
        addressee=Addressee.SERVICE,
        stages=_TLS,
        causes=(Cause.TLS_FAILED,),
        passed=("other_server_name", "server_name_elsewhere"),
        failed=("look",),
        sentence="{server} answers TLS that asks for {host} with a refusal, and takes another name: it, or the load"
        " balancer in front of it, most likely does not know the name. Check the host in the URL, and tell the"
        " service's operator.",
    ),
    Rule(
        suspect="large_packets",
        certainty=Certainty.SHOWN,
        addressee=Addressee.NETWORK,
        stages=_TLS,
        causes=_CUT,
        passed=("small_segments",),
        failed=("look",),
        facts=("took_time",),
        sentence="Large packets are lost on the way to {server}: with small segments of TCP the same handshake"
        " succeeds. A VPN or tunnel has a smaller MTU than it tells; have MSS clamping, or the ICMP messages that are"
        " too big, let through.",
    ),
    Rule(
        suspect="tls_1_3",
        certainty=Certainty.SHOWN,
        addressee=Addressee.NETWORK,
        stages=_TLS,
        passed=("tls_1_2",),
        failed=("look",),
        sentence="TLS 1.3, or its long first message, fails on the way to {server}, and TLS 1.2 succeeds: an old"
        " firewall or proxy that looks into TLS. Have it updated, or {server} exempted; if it is the same from other"
        " networks, tell the service's operator.",
    ),
    Rule(
        suspect="one_address",
        certainty=Certainty.LIKELY,
        addressee=Addressee.SERVICE,
        stages=_TLS,
        causes=(*_CUT, Cause.TLS_FAILED),
        passed=("address",),
        failed=("again", "look"),
        sentence="{host} works at {good_addresses} but not at {address}: that server has a fault, or the way to it is"
        " broken. Tell the service's operator; if it works from other networks, tell this network's administrator.",
    ),
    Rule(
        suspect="old_tls",
        certainty=Certainty.LIKELY,
        addressee=Addressee.SERVICE,
        stages=_TLS,
        causes=(Cause.TLS_VERSION,),
        failed=("look", "tls_1_2"),
        sentence="{server} speaks neither TLS 1.2 nor 1.3: have it updated.",
    ),
    Rule(
        suspect="not_tls",
        certainty=Certainty.SHOWN,
        addressee=Addressee.SERVICE,
        stages=_TLS,
        causes=(Cause.NOT_TLS,),
        passed=("unencrypted",),
        failed=("again",),
        sentence="{server} serves WebSocket there, and without TLS: the URL must begin with ws://, or name the port for"
        " wss. Ask the service's operator which.",
    ),
)
_CERTIFICATES = (
    Rule(
        suspect="client_certificate",
        certainty=Certainty.SHOWN,
        addressee=Addressee.SERVICE,
        stages=_TLS,
        causes=(Cause.TLS_CLIENT_CERTIFICATE_REQUIRED,),
        failed=("again",),
        sentence="{server} wants a client certificate: ask the service's operator for one (ssl_context).",
    ),
    Rule(
        suspect="interception_here",
        certainty=Certainty.SHOWN,
        addressee=Addressee.USER,
        stages=_TLS,
        passed=("look",),
        facts=("opened_here",),
        sentence="{maker} on this machine opens and re-signs TLS (issuer {issuer}), and this program does not trust it."
        " Exempt {server} there, or have this program trust its root.",
    ),
    Rule(
        suspect="interception",
        certainty=Certainty.SHOWN,
        addressee=Addressee.NETWORK,
        stages=_TLS,
        passed=("look",),
        facts=("opened_in_the_network",),
        sentence="{maker} opens and re-signs TLS on the way (issuer {issuer}), and this program does not trust it. Have"
        " {server} exempted, or install its root where this program finds it.",
    ),
    Rule(
        suspect="interception",
        certainty=Certainty.SHOWN,
        addressee=Addressee.NETWORK,
        stages=_TLS,
        causes=_STRANGE,
        passed=("look", "other_server_name"),
        facts=("forged",),
        sentence="Somebody opens and re-signs TLS on the way: {issuer} signs a certificate for whatever name is asked"
        " for, also for {other_host}, whose own is signed by another. Have {server} exempted from TLS inspection, or"
        " install that authority's root where this program finds it.",
    ),
    Rule(
        suspect="one_address",
        certainty=Certainty.SHOWN,
        addressee=Addressee.SERVICE,
        stages=_TLS,
        passed=("address",),
        failed=("again",),
        sentence="{host} works at {good_addresses} but not at {address}: one of the servers behind this name has a"
        " fault ({check}). Tell the service's operator.",
    ),
    Rule(
        suspect="incomplete_chain",
        certainty=Certainty.SHOWN,
        addressee=Addressee.SERVICE,
        stages=_TLS,
        causes=(Cause.TLS_UNTRUSTED,),
        passed=("look",),
        facts=("issuer_left_out",),
        sentence="{server} leaves out the certificate of {issuer}, which signed its own: have the whole chain sent."
        " Browsers fetch what is missing, and most programs do not.",
    ),
    Rule(
        suspect="clock",
        certainty=Certainty.SHOWN,
        addressee=Addressee.USER,
        stages=_TLS,
        causes=_BY_DATE,
        failed=("clock",),
        facts=("dates_differ",),
        sentence="This machine's clock is wrong: asked without TLS, {host} answers with another date ({date}). Set the"
        " clock.",
    ),
    Rule(
        suspect="clock",
        certainty=Certainty.LIKELY,
        addressee=Addressee.USER,
        stages=_TLS,
        causes=_BY_DATE,
        passed=("look",),
        facts=("all_out_of_date",),
        sentence="The certificates of several servers are out of date by this machine's clock, and no region passes:"
        " most likely the clock is wrong. {advice}",
    ),
    Rule(
        suspect="certificate_date",
        certainty=Certainty.SHOWN,
        addressee=Addressee.SERVICE,
        stages=_TLS,
        causes=_BY_DATE,
        passed=("clock", "look"),
        sentence="The certificate of {server} is out of date, and this machine's clock is right: the server's own Date"
        " agrees with it. Tell the service's operator.",
    ),
    Rule(
        suspect="certificate_date",
        certainty=Certainty.LIKELY,
        addressee=Addressee.SERVICE,
        stages=_TLS,
        causes=_BY_DATE,
        passed=("look",),
        facts=("others_verified",),
        sentence="The certificate of {server} is out of date; those of other regions are not, so this machine's clock"
        " is most likely right. Tell the service's operator.",
    ),
    Rule(
        suspect="private_authority",
        certainty=Certainty.LIKELY,
        addressee=Addressee.SERVICE,
        stages=_TLS,
        causes=(Cause.TLS_UNTRUSTED,),
        passed=("look", "other_server_name"),
        facts=("no_trusted_root", "same_for_any_name", "for_the_host"),
        sentence="{server} shows the same certificate whatever name is asked for, so it is most likely the server's"
        " own, signed by {issuer}, which this machine does not trust. Ask the service's operator whether to trust that"
        " authority, or whether a certificate between is left out.",
    ),
    Rule(
        suspect="server_certificate",
        certainty=Certainty.LIKELY,
        addressee=Addressee.SERVICE,
        stages=_TLS,
        causes=(Cause.TLS_UNTRUSTED,),
        passed=("look", "other_server_name"),
        facts=("same_for_any_name", "for_the_host"),
        sentence="{server} shows the same certificate whatever name is asked for, so it is most likely the server's"
        " own, and it has a fault: {check}. Tell the service's operator.",
    ),
    Rule(
        suspect="certificate_name",
        certainty=Certainty.LIKELY,
        addressee=Addressee.SERVICE,
        stages=_TLS,
        causes=(Cause.TLS_UNTRUSTED,),
        passed=("look", "other_server_name", "hosts_file"),
        facts=("same_for_any_name", "others_pass", "of_its_domain"),
        sentence="What answers at {server} has a certificate for another name, whatever name is asked for, and other"
        " regions pass, so it is no portal. Check the host in the URL, and tell the service's operator.",
    ),
    Rule(
        suspect="certificate_name",
        certainty=Certainty.LIKELY,
        addressee=Addressee.SERVICE,
        stages=_TLS,
        causes=(Cause.TLS_HOSTNAME_MISMATCH,),
        passed=("look", "hosts_file"),
        facts=("others_pass", "of_its_domain"),
        sentence="What answers at {server} has a certificate for another name of the same domain ({names}). Neither"
        " the hosts file nor a portal is the cause, since other regions pass. Check the host in the URL, and tell the"
        " service's operator.",
    ),
    Rule(
        suspect="network_login",
        certainty=Certainty.LIKELY,
        addressee=Addressee.USER,
        stages=_TLS,
        causes=_STRANGE,
        passed=("look",),
        facts=("none_pass", "of_a_stranger", "shown_elsewhere"),
        sentence="Every host shows a certificate for {names}, and no region passes: most likely this network wants a"
        " login. Open any web page in a browser, and log in. If no login page appears, ask the network's"
        " administrator.",
    ),
    Rule(
        suspect=None,
        certainty=Certainty.CANNOT_BE_TOLD,
        addressee=Addressee.NETWORK,
        stages=_TLS,
        causes=_STRANGE,
        passed=("look", "hosts_file"),
        facts=("others_pass", "of_a_stranger"),
        sentence="What answers at {server} has a certificate for {names}, in another domain. Either this network's DNS"
        " filter or gateway leads {host} to a page of its own, or the server is set up wrongly. Test from another"
        " network. If it fails there too, tell the service's operator; if not, ask this network's administrator to"
        " allow {host}.",
    ),
)
RULES = (*_HANDSHAKE, *_CERTIFICATES)
