#!/bin/sh
# Guess: a certificate whose extended key usage is "any purpose" (anyExtendedKeyUsage) is fit for a TLS server. RFC 5280,
#   section 4.2.1.12, lets it stand for every purpose, and a certificate without the extension is taken too.
# Behaviour: OpenSSL, and so Python's ssl, refuses it for a server: "unsuitable certificate purpose", code 26. It does so
#   for an authority above the server's own certificate as well. Only serverAuth, or no such extension at all, is taken.
# Seen on 2026-11-28 with CPython 3.11 on OpenSSL 3.0, certificates by cryptography 45.0.7.
# It means: a home-made authority "for everything" makes certificates that no Python client takes, though it is trusted.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
case $(python3 -c 'import ssl; print(ssl.OPENSSL_VERSION)') in
"OpenSSL 3."*) ;;
*) echo "CHANGED: this was seen with OpenSSL 3 under Python's ssl"; exit 1 ;;
esac
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check cryptography==45.0.7 2>pip.log || { cat pip.log; exit 1; }
cat >shake.py <<'END'
import datetime, ssl
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose

now = datetime.datetime.now(datetime.UTC)
keys = {name: ec.generate_private_key(ec.SECP256R1()) for name in ("root", "between", "localhost")}

def issue(name, by, purposes=()):
    """Return a certificate in PEM: an authority's, or that of localhost."""
    subject, issuer = (x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, one)]) for one in (name, by))
    made = (
        x509.CertificateBuilder(issuer, subject, keys[name].public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(1))
        .not_valid_after(now + datetime.timedelta(1))
        .add_extension(x509.BasicConstraints(name != "localhost", None), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(keys[name].public_key()), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(keys[by].public_key()), False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False)
    )
    if name != "localhost":
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        made = made.add_extension(usage, True)
    if purposes:
        made = made.add_extension(x509.ExtendedKeyUsage(purposes), False)
    return made.sign(keys[by], hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()

def shake(between, own):
    """Return how a handshake in memory ends, where the root is trusted."""
    private = keys["localhost"].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with open("chain.pem", "w") as file:
        file.write(private.decode() + own + between)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain("chain.pem")
    client = ssl.create_default_context(cadata=root)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [client.wrap_bio(to_client, to_server, server_hostname="localhost"),
            server.wrap_bio(to_server, to_client, server_side=True)]
    done = set()
    while len(done) < 2:
        for end in ends:
            try:
                end.do_handshake()
                done.add(end)
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLCertVerificationError as error:
                return f"{error.verify_code} {error.verify_message}"
    return "accepted"

root = issue("root", "root")
for what, purposes in {
    "no purposes named": (),
    "for servers": (Purpose.SERVER_AUTH,),
    "for any purpose": (Purpose.ANY_EXTENDED_KEY_USAGE,),
    "for any purpose, and for servers": (Purpose.ANY_EXTENDED_KEY_USAGE, Purpose.SERVER_AUTH),
}.items():
    print(f"the server's own, {what}: {shake(issue('between', 'root'), issue('localhost', 'between', purposes))}")
    print(f"its authority's, {what}: {shake(issue('between', 'root', purposes), issue('localhost', 'between'))}")
END
timeout 30 venv/bin/python shake.py >seen

echo "One would guess: a certificate for any purpose is one for a server."
echo "What happens ($(python3 -c 'import ssl, sys; print("CPython", sys.version.split()[0], "with", ssl.OPENSSL_VERSION)')):"
cat seen
cat >expected <<'END'
the server's own, no purposes named: accepted
its authority's, no purposes named: accepted
the server's own, for servers: accepted
its authority's, for servers: accepted
the server's own, for any purpose: 26 unsuitable certificate purpose
its authority's, for any purpose: 26 unsuitable certificate purpose
the server's own, for any purpose, and for servers: accepted
its authority's, for any purpose, and for servers: accepted
END
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
