#!/bin/sh
# Guess: a server's self-signed certificate, given to the client as trusted, opens in every client.
# Behaviour: `openssl req -x509` makes a certificate that is an authority's (CA:TRUE). Python, Node and Bun open once it
#   is trusted. Deno, whose TLS is rustls, refuses it (CaUsedAsEndEntity), because an authority is no server. With
#   CA:FALSE the same certificate opens in all four.
# Seen on 2026-11-28 with Deno 2.9.6, Node 26.10.0, Bun 1.4.5, websockets 17.4, OpenSSL 3.0.
# It means: "invalid peer certificate" from a client that is written in Rust need not mean that the root is missing;
#   one more `-addext basicConstraints=critical,CA:FALSE` mends it.
set -eu
folder=$(mktemp -d)
server=
trap 'if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check websockets==17.4 2>pip.log || { cat pip.log; exit 1; }
npm install --silent --no-audit --no-fund node@26.10.0 bun@1.4.5 deno@2.9.6 >/dev/null
cat >server.py <<'END'
import ssl, sys
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
    connect(sys.argv[1], ssl=ssl.create_default_context(cafile="server.pem"), proxy=None, legacy=True).close()
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
  socket.onerror = (event) => end((event.message ?? "").match(/CaUsedAsEndEntity/)?.[0] ?? "refuses");
});
console.log(`${name}: ${said}`);
process.exit(0);
END
for constraint in TRUE FALSE; do
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out server.pem -days 30 \
        -subj /CN=localhost -addext subjectAltName=DNS:localhost -addext "basicConstraints=critical,CA:$constraint" 2>/dev/null
    rm -f port
    venv/bin/python server.py >port 2>/dev/null & server=$!
    while [ ! -s port ]; do sleep 0.1; done
    url="wss://localhost:$(cat port)/"
    echo "CA:$constraint"
    timeout 20 venv/bin/python -W ignore client.py "$url"
    NODE_EXTRA_CA_CERTS=server.pem timeout 20 node_modules/.bin/node client.mjs "$url" Node
    NODE_EXTRA_CA_CERTS=server.pem timeout 20 node_modules/.bin/bun client.mjs "$url" Bun
    DENO_CERT=server.pem timeout 20 node_modules/.bin/deno run -A client.mjs "$url" Deno
    kill "$server"
    wait "$server" 2>/dev/null || true
    server=
done >seen 2>log

echo "One would guess: what is trusted by itself opens everywhere."
echo "What happens (websockets 17.4, Node 26.10.0, Bun 1.4.5, Deno 2.9.6):"
cat seen
cat >expected <<'END'
CA:TRUE
Python: opens
Node: opens
Bun: opens
Deno: CaUsedAsEndEntity
CA:FALSE
Python: opens
Node: opens
Bun: opens
Deno: opens
END
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
