#!/bin/sh
# Guess: a PeerJS signalling server refuses a client without id, token and key, or with a wrong key, by an HTTP status.
# Behaviour: it answers 101 to each, sends one text message of type ERROR and closes without a code.
# Seen on 2026-11-28 with peer 1.0.2 (the server) and ws 8.23.0 (the client).
# It means: the WebSocket opens and the service is out of reach all the same. Only the first message tells: OPEN or
#   ERROR. A test that stops at the 101 says "passed".
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund peer@1.0.2 ws@8.23.0 >/dev/null
cat >find.js <<'END'
const http = require("http");
const express = require("express"), { WebSocket } = require("ws"), { ExpressPeerServer } = require("peer");

const app = express(), server = http.createServer(app);
app.use("/", ExpressPeerServer(server, { path: "/", key: "right" }));

const ask = (query) => new Promise((resolve) => {
  const client = new WebSocket(`ws://127.0.0.1:${server.address().port}/peerjs${query}`);
  let seen = "";
  client.on("open", () => { seen += "101"; });
  client.on("unexpected-response", (request, response) => resolve(String(response.statusCode)));
  client.on("message", (data) => {
    const { type } = JSON.parse(data);
    seen += `, ${type}`;
    if (type === "OPEN") client.terminate();
  });
  client.on("close", (code) => resolve(seen.endsWith("OPEN") ? seen : `${seen}, closed with ${code}`));
});

server.listen(0, "127.0.0.1", async () => {
  console.log("right key:", await ask("?key=right&id=a&token=b"));
  console.log("wrong key:", await ask("?key=wrong&id=a&token=b"));
  console.log("no id, no token, no key:", await ask(""));
  process.exit(0);
});
END
timeout 30 node find.js >seen

echo "One would guess: 101 for the right key, 401 or 400 for the rest."
echo "What happens (peer 1.0.2):"
cat seen
cat >expected <<'END'
right key: 101, OPEN
wrong key: 101, ERROR, closed with 1005
no id, no token, no key: 101, ERROR, closed with 1005
END
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
