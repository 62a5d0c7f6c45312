#!/bin/sh
# Guess: where a server refuses a wss:// handshake with 403, Deno's WebSocket names that status, as it does for ws://.
# Behaviour: after the refusal over HTTP/1.1 it opens a second TLS connection that offers h2 alone, and tells of that
#   one's failure: not a word of the 403 where the server speaks h2. Where it does not, the TLS alert is what one reads.
# Seen on 2026-11-28 with Deno 2.9.6; the servers run on Node 26.10.0.
# It means: "stream error", "protocol error" or "NoApplicationProtocol" from Deno says nothing about why the WebSocket
#   did not open. Ask again with a client that stays with HTTP/1.1 to see the status.
set -eu
folder=$(mktemp -d)
server=
trap 'if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi; rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund node@26.10.0 deno@2.9.6 >/dev/null
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check trustme==1.2.1 2>pip.log || { cat pip.log; exit 1; }
venv/bin/python -m trustme -q -d . -i localhost
cat >server.js <<'END'
const fs = require("fs"), http = require("http"), http2 = require("http2"), https = require("https");

const pair = { key: fs.readFileSync("server.key"), cert: fs.readFileSync("server.pem") };
const servers = [
  http.createServer(),
  http2.createSecureServer({ ...pair, allowHTTP1: true }),
  https.createServer({ ...pair, ALPNProtocols: ["http/1.1"] }),
];
for (const server of servers) {
  server.on("secureConnection", (socket) => fs.appendFileSync("saw", ` ${socket.alpnProtocol}`));
  server.on("tlsClientError", () => fs.appendFileSync("saw", " no-common-protocol"));
  server.on("upgrade", (request, socket) =>
    socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
}
let left = servers.length;
for (const server of servers)
  server.listen(0, "127.0.0.1", () => --left || console.log(servers.map((one) => one.address().port).join(" ")));
END
cat >client.js <<'END'
const client = new WebSocket(Deno.args[0]);
client.onopen = () => { console.log("opens"); Deno.exit(0); };
client.onerror = (event) => {
  console.log(event.message.includes("403") ? "names the 403" : "does not name the 403");
  console.error(event.message);
  Deno.exit(0);
};
END
node_modules/.bin/node server.js >ports & server=$!
while [ ! -s ports ]; do sleep 0.1; done
read -r plain both old <ports
export DENO_CERT=client.pem DENO_DIR="$folder/deno"
try() {
    : >saw
    said=$(timeout 20 node_modules/.bin/deno run -A client.js "$2" 2>>messages)
    echo "$1: $said; TLS:$(cat saw)"
}
{
    try "ws://" "ws://localhost:$plain/"
    try "wss://, a server with h2" "wss://localhost:$both/"
    try "wss://, a server without h2" "wss://localhost:$old/"
} >seen

echo "One would guess: the error names the 403 each time, after one connection."
echo "What happens (Deno 2.9.6):"
cat seen
echo "Its words:"
cat messages
cat >expected <<'END'
ws://: names the 403; TLS:
wss://, a server with h2: does not name the 403; TLS: http/1.1 h2
wss://, a server without h2: does not name the 403; TLS: http/1.1 no-common-protocol
END
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
