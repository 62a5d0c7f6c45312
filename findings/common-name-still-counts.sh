#!/bin/sh
# Guess: nobody looks at a certificate's common name any more. One without subjectAltName fails in every client, as it
#   does in Chromium.
# Behaviour: Python's ssl (so websockets, aiohttp, websocket-client), Node and Bun take the common name where there is no
#   subjectAltName. Deno refuses the certificate, and so does Python once hostname_checks_common_name is off.
# Seen on 2026-11-28 with Node 26.10.0, Bun 1.4.5, Deno 2.9.6, websockets 17.4, CPython 3.11 on OpenSSL 3.0.
# It means: a server whose old certificate works from scripts fails in browsers. The certificate has to be issued anew,
#   with the name as a subjectAltName.
set -eu
folder=$(mktemp -d)
server=
trap 'if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check websockets==17.4 cryptography==46.0.3 2>pip.log || { cat pip.log; exit 1; }
npm install --silent --no-audit --no-fund node@26.10.0 bun@1.4.5 deno@2.9.6 >/dev/null
cat >make.py <<'END'
import datetime
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

now = datetime.datetime.now(datetime.UTC)

def issue(common_name, key, issuer, issuers_key, *extensions):
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuers_key.public_key()), critical=False)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    return builder.sign(issuers_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

root = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Root")])
root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
usage = dict.fromkeys(("digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
                       "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"), False)
signs = x509.KeyUsage(**usage | {"key_cert_sign": True})
with open("root.pem", "wb") as file:
    file.write(issue("Root", root_key, root, root_key, x509.BasicConstraints(ca=True, path_length=None), signs))
with open("server.pem", "wb") as file:
    file.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                 serialization.NoEncryption()))
    file.write(issue("localhost", key, root, root_key, x509.BasicConstraints(ca=False, path_length=None)))
END
venv/bin/python make.py
cat >server.py <<'END'
import ssl
from websockets.sync.server import serve

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("server.pem")
with serve(lambda connection: None, "127.0.0.1", 0, ssl=context) as server:
    print(server.socket.getsockname()[1], flush=True)
    server.serve_forever()
END
cat >client.py <<'END'
import ssl, sys
from websockets.sync.client import connect

for name, common_name in ("Python", True), ("Python, hostname_checks_common_name off", False):
    context = ssl.create_default_context(cafile="root.pem")
    context.hostname_checks_common_name = common_name
    try:
        connect(sys.argv[1], ssl=context, proxy=None, legacy=True).close()
        print(f"{name}: opens")
    except ssl.SSLCertVerificationError:
        print(f"{name}: refuses")
END
cat >client.mjs <<'END'
import process from "node:process";

const [url, name] = process.argv.slice(2);
const socket = new WebSocket(url);
const said = await new Promise((end) => {
  socket.onopen = () => end("opens");
  socket.onerror = () => end("refuses");
});
console.log(`${name}: ${said}`);
process.exit(0);
END
venv/bin/python server.py >port 2>/dev/null & server=$!
while [ ! -s port ]; do sleep 0.1; done
url="wss://localhost:$(cat port)/"
{
    timeout 20 venv/bin/python -W ignore client.py "$url"
    NODE_EXTRA_CA_CERTS=root.pem timeout 20 node_modules/.bin/node client.mjs "$url" Node
    NODE_EXTRA_CA_CERTS=root.pem timeout 20 node_modules/.bin/bun client.mjs "$url" Bun
    DENO_CERT=root.pem timeout 20 node_modules/.bin/deno run -A client.mjs "$url" Deno
} >seen 2>log

echo "One would guess: a certificate that has the name as its common name alone is refused."
echo "What happens (websockets 17.4, Node 26.10.0, Bun 1.4.5, Deno 2.9.6):"
cat seen
cat >expected <<'END'
Python: opens
Python, hostname_checks_common_name off: refuses
Node: opens
Bun: opens
Deno: refuses
END
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
