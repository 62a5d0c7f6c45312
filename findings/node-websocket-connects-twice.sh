#!/bin/sh
# Guess: a WebSocket client offers http/1.1 alone, or nothing, by ALPN, as Chromium and Firefox do for a new connection,
#   so that one WebSocket is one TLS connection.
# Behaviour: Node's built-in WebSocket offers h2 too. A server that has h2 without RFC 8441 (WebSocket over HTTP/2)
#   takes h2; Node then finds no use for it and opens a second TLS connection with HTTP/1.1 alone. The npm package ws
#   makes one.
# Seen on 2026-11-28 with Node 26.10.0 (its undici) and ws 8.23.0.
# It means: a healthy WebSocket costs this client a TCP and a TLS handshake more than a tester measures, counts twice
#   against a limit of connections, and the server logs a connection that asked for nothing.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund node@26.10.0 ws@8.23.0 >/dev/null
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check trustme==1.2.1 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python -m trustme -q -d . -i localhost
cat >find.js <<'END'
const fs = require("fs"), http2 = require("http2"), ws = require("ws");

const connections = [];
const server = http2.createSecureServer({ key: fs.readFileSync("server.key"), cert: fs.readFileSync("server.pem"), allowHTTP1: true });
server.on("secureConnection", (socket) => connections.push(socket.alpnProtocol || "no ALPN"));
new ws.WebSocketServer({ server });
const ask = (Client) => new Promise((resolve) => {
  const client = new Client(`wss://localhost:${server.address().port}/`);
  client.onopen = () => resolve("opens");
  client.onerror = () => resolve("fails");
});
server.listen(0, "localhost", async () => {
  for (const [name, Client] of [["built-in", WebSocket], ["ws", ws.WebSocket]]) {
    connections.length = 0;
    const said = await ask(Client);
    console.log(`${name} ${said}, TLS connections: ${connections.join(", then ")}`);
  }
  process.exit(0);
});
END
NODE_EXTRA_CA_CERTS=client.pem timeout 30 node_modules/.bin/node find.js >seen

echo "One would guess: each client makes one TLS connection, with HTTP/1.1."
echo "What happens (Node $(node_modules/.bin/node --version), ws 8.23.0):"
cat seen
cat >expected <<'END'
built-in opens, TLS connections: h2, then http/1.1
ws opens, TLS connections: no ALPN
END
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
