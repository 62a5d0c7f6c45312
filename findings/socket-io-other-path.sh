#!/bin/sh
# Guess: a Socket.IO server on Node answers a WebSocket for a path that is not its own with 404, at once.
# Behaviour: it says nothing. It leaves the connection open for a second (destroyUpgradeTimeout) and then closes it
#   without a byte. The same path asked for without an upgrade gets the HTTP server's own 404.
# Seen on 2026-11-28 with socket.io 4.8.4.
# It means: "closed without an answer, after one second" can be a wrong path on a healthy server; one looks for a
#   firewall in vain. /socket.io/?EIO=4&transport=websocket is the path that opens.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund socket.io@4.8.4 >/dev/null
cat >find.js <<'END'
const http = require("http"), net = require("net");
const { Server } = require("socket.io");

const server = http.createServer((request, response) => { response.writeHead(404); response.end(); });
new Server(server);

const ask = (path, upgrade) => new Promise((resolve) => {
  const from = Date.now();
  let answer = "";
  const socket = net.connect(server.address().port, "127.0.0.1", () => socket.write(
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\n` + (upgrade
      ? "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
      : "Connection: close\r\n\r\n")));
  socket.on("data", (data) => { answer += data; socket.destroy(); });
  socket.on("error", () => {});
  socket.on("close", () => resolve(answer ? answer.slice(9, 12)
    : `nothing, closed ${Date.now() - from > 900 ? "a second later" : "at once"}`));
});

server.listen(0, "127.0.0.1", async () => {
  console.log("WebSocket at /socket.io/:", await ask("/socket.io/?EIO=4&transport=websocket", true));
  console.log("WebSocket at /chat:", await ask("/chat", true));
  console.log("GET /chat:", await ask("/chat", false));
  process.exit(0);
});
END
timeout 30 node find.js >seen

echo "One would guess: a WebSocket at /chat gets 404 at once."
echo "What happens (socket.io 4.8.4):"
cat seen
cat >expected <<'END'
WebSocket at /socket.io/: 101
WebSocket at /chat: nothing, closed a second later
GET /chat: 404
END
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
