#!/bin/sh
# Guess: a runtime that takes http_proxy for ws:// opens a tunnel with CONNECT, as RFC 6455, section 4.1, says.
# Behaviour: Node's built-in WebSocket (NODE_USE_ENV_PROXY=1) and Deno's send the proxy `GET http://host/` with the
#   upgrade's headers instead. Upgrade and Connection are between neighbours (RFC 9110, section 7.6.1): a proxy takes
#   them out, the server sees a plain GET and answers 426. websocket-client asks for CONNECT and opens, by the same proxy.
# Seen on 2026-11-28 with Node 26.10.0, Deno 2.9.6, websocket-client 1.9.2, proxy-chain 3.0.1 (tinyproxy 1.11.1 likewise).
# It means: 426 ("Upgrade Required") or 400 behind a proxy for ws:// need not be the server's nor the proxy's fault. The
#   same address can be open to one client and shut to another; wss:// is tunnelled by all of them.
set -eu
folder=$(mktemp -d)
server=
trap 'if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi; rm -rf "$folder"' EXIT
cd "$folder"
unset no_proxy NO_PROXY
npm install --silent --no-audit --no-fund node@26.10.0 deno@2.9.6 proxy-chain@3.0.1 ws@8.23.0 >/dev/null
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check websocket-client==1.9.2 2>pip.log || { cat pip.log; exit 1; }
cat >server.mjs <<'END'
import { createServer } from "node:http";
import { appendFileSync } from "node:fs";
import { Server } from "proxy-chain";
import { WebSocketServer } from "ws";

const saw = (what) => appendFileSync("saw", `${what}\n`);
const server = createServer((request, response) => { saw("a plain GET"); response.writeHead(426); response.end(); });
new WebSocketServer({ server });
server.prependListener("upgrade", () => saw("an upgrade"));
const proxy = new Server({ host: "127.0.0.1", port: 0 });
await proxy.listen();
server.listen(0, "127.0.0.1", () => console.log(proxy.port, server.address().port));
END
cat >client.js <<'END'
const client = new WebSocket(globalThis.process.env.TARGET);
client.onopen = () => { console.log("opens"); globalThis.process.exit(0); };
client.onerror = () => { console.log("fails"); globalThis.process.exit(0); };
END
cat >client.py <<'END'
import os, websocket

websocket.create_connection(os.environ["TARGET"], timeout=5).shutdown()
print("opens")
END
node_modules/.bin/node server.mjs >ports & server=$!
while [ ! -s ports ]; do sleep 0.1; done
read -r proxy target <ports
export TARGET="ws://127.0.0.1:$target/" DENO_DIR="$folder/deno" NODE_USE_ENV_PROXY=1
export HTTP_PROXY="http://127.0.0.1:$proxy" http_proxy="http://127.0.0.1:$proxy"
try() {
    name=$1
    shift
    : >saw
    echo "$name $(timeout 20 "$@" 2>/dev/null || echo "ends in an error"), the server sees $(head -n 1 saw)"
}
{
    try "Node" node_modules/.bin/node client.js
    try "Deno" node_modules/.bin/deno run -A client.js
    try "websocket-client" venv/bin/python client.py
} >seen

echo "One would guess: all three open by CONNECT."
echo "What happens (Node 26.10.0, Deno 2.9.6, websocket-client 1.9.2, through proxy-chain 3.0.1):"
cat seen
cat >expected <<'END'
Node fails, the server sees a plain GET
Deno fails, the server sees a plain GET
websocket-client opens, the server sees an upgrade
END
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
