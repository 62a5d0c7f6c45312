#!/bin/sh
# Guess: SSL_CERT_FILE replaces the roots that OpenSSL (and Python's ssl with it) trusts; with a file that is not there,
#   nothing is trusted.
# Behaviour: it replaces the default *file* alone. The default *folder* (SSL_CERT_DIR) is still searched, by hash, at
#   each handshake. Where that folder is filled (Debian, Ubuntu, Alpine) the system's roots stay trusted, and a wrong
#   path changes nothing. get_ca_certs() does not list the folder's roots before one was used.
# Seen on 2026-11-28 with CPython 3.11 on OpenSSL 3.0. No package is installed; SSL_CERT_DIR stands for the built-in
#   folder, so that the script needs no system root's key.
# It means: "trust only our root" needs SSL_CERT_DIR set too, to an empty folder; and a typing error in SSL_CERT_FILE
#   does not show on such systems, while it fails every wss:// where the folder is empty.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
case $(python3 -c 'import ssl; print(ssl.OPENSSL_VERSION)') in
"OpenSSL 3."*) ;;
*) echo "CHANGED: this was seen with OpenSSL 3 under Python's ssl"; exit 1 ;;
esac
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check trustme==1.2.1 2>pip.log || { cat pip.log; exit 1; }
cat >make.py <<'END'
import os, trustme

system, ours = trustme.CA(organization_name="System"), trustme.CA(organization_name="Ours")
os.mkdir("roots")
os.mkdir("empty")
system.cert_pem.write_to_path("roots/system.pem")
ours.cert_pem.write_to_path("ours.pem")
system.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path("server.pem")
END
venv/bin/python make.py
ln -s system.pem "roots/$(openssl x509 -in roots/system.pem -noout -hash).0"
cat >find.py <<'END'
import ssl, sys

def shake(context):
    """Return how a handshake in memory with a server under the system's root ends."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain("server.pem")
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [context.wrap_bio(to_client, to_server, server_hostname="localhost"),
            server.wrap_bio(to_server, to_client, server_side=True)]
    done = set()
    while len(done) < 2:
        for end in ends:
            try:
                end.do_handshake()
                done.add(end)
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLCertVerificationError:
                return "not trusted"
    return "trusted"

context = ssl.create_default_context()
print(f"{sys.argv[1]}: {len(context.get_ca_certs())} roots listed, the system's root is {shake(context)}")
END
{
    SSL_CERT_DIR="$folder/roots" SSL_CERT_FILE="$folder/ours.pem" timeout 20 venv/bin/python find.py "our own root"
    SSL_CERT_DIR="$folder/roots" SSL_CERT_FILE="$folder/gone.pem" timeout 20 venv/bin/python find.py "no such file"
    SSL_CERT_DIR="$folder/empty" SSL_CERT_FILE="$folder/ours.pem" timeout 20 venv/bin/python find.py "and an empty folder"
} >seen

echo "One would guess: with SSL_CERT_FILE set, only what is in that file is trusted."
echo "What happens ($(python3 -c 'import ssl, sys; print("CPython", sys.version.split()[0], "with", ssl.OPENSSL_VERSION)')):"
cat seen
cat >expected <<'END'
our own root: 1 roots listed, the system's root is trusted
no such file: 0 roots listed, the system's root is trusted
and an empty folder: 1 roots listed, the system's root is not trusted
END
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
