#!/bin/sh
# Guess: a certificate that Node takes, Bun takes as well.
# Behaviour: a server's certificate whose key usage is "key encipherment" alone (many old templates of companies' own
#   authorities) opens in Node, Deno and Python, with an RSA key as with an elliptic one. Bun, whose TLS is BoringSSL,
#   ends the handshake: KEY_USAGE_BIT_INCORRECT. With "digital signature" added it opens in all four.
# Seen on 2026-11-28 with Bun 1.4.5, Node 26.10.0, Deno 2.9.6, websockets 17.4, CPython 3.11 on OpenSSL 3.0.
# It means: such a server fails in whatever is made with BoringSSL, Chromium first of all, while OpenSSL does not mind.
#   The authority has to issue the certificate anew; neither trust nor the name is at fault.
set -eu
folder=$(mktemp -d)
server=
trap 'if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check websockets==17.4 2>pip.log || { cat pip.log; exit 1; }
npm install --silent --no-audit --no-fund node@26.10.0 bun@1.4.5 deno@2.9.6 >/dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout root.key -out root.pem -days 30 \
    -subj /CN=Root -addext keyUsage=critical,keyCertSign 2>/dev/null
cat >server.py <<'END'
import ssl
from websockets.sync.server import serve

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("server.pem", "key.pem")
with serve(lambda connection: None, "127.0.0.1", 0, ssl=context) as server:
    print(server.socket.getsockname()[1], flush=True)
    server.serve_forever()
END
cat >client.py <<'END'
import ssl, sys
from websockets.sync.client import connect

try:
    connect(sys.argv[1], ssl=ssl.create_default_context(cafile="root.pem"), proxy=None, legacy=True).close()
    print("Python: opens")
except ssl.SSLError as error:
    print("Python:", error.reason)
END
cat >client.mjs <<'END'
import process from "node:process";

const [url, name] = process.argv.slice(2);
const socket = new WebSocket(url);
const said = await new Promise((end) => {
  socket.onopen = () => end("opens");
  socket.onerror = (event) => end((event.message ?? "").match(/KEY_USAGE_BIT_INCORRECT/)?.[0] ?? "refuses");
});
console.log(`${name}: ${said}`);
process.exit(0);
END
for key in rsa:2048 ec; do
    for usage in keyEncipherment digitalSignature,keyEncipherment; do
        openssl req -newkey "$key" -pkeyopt "$(case $key in ec) echo ec_paramgen_curve:P-256 ;; *) echo rsa_keygen_pubexp:65537 ;; esac)" \
            -nodes -keyout key.pem -out request.pem -subj /CN=localhost 2>/dev/null
        printf '%s\n' subjectAltName=DNS:localhost "keyUsage=critical,$usage" basicConstraints=CA:FALSE \
            subjectKeyIdentifier=hash authorityKeyIdentifier=keyid >extensions
        openssl x509 -req -in request.pem -CA root.pem -CAkey root.key -days 20 -extfile extensions -out server.pem 2>/dev/null
        rm -f port
        venv/bin/python server.py >port 2>/dev/null & server=$!
        while [ ! -s port ]; do sleep 0.1; done
        url="wss://localhost:$(cat port)/"
        echo "$key $usage"
        timeout 20 venv/bin/python -W ignore client.py "$url"
        NODE_EXTRA_CA_CERTS=root.pem timeout 20 node_modules/.bin/node client.mjs "$url" Node
        NODE_EXTRA_CA_CERTS=root.pem timeout 20 node_modules/.bin/bun client.mjs "$url" Bun
        DENO_CERT=root.pem timeout 20 node_modules/.bin/deno run -A client.mjs "$url" Deno
        kill "$server"
        wait "$server" 2>/dev/null || true
        server=
    done
done >seen 2>log

echo "One would guess: Bun opens where Node does."
echo "What happens (websockets 17.4, Node 26.10.0, Bun 1.4.5, Deno 2.9.6):"
cat seen
for key in rsa:2048 ec; do
    printf '%s\n' "$key keyEncipherment" "Python: opens" "Node: opens" "Bun: KEY_USAGE_BIT_INCORRECT" "Deno: opens" \
        "$key digitalSignature,keyEncipherment" "Python: opens" "Node: opens" "Bun: opens" "Deno: opens"
done >expected
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
