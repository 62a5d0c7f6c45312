#!/bin/sh
# Guess: Node's built-in WebSocket passes over any interim answer: 100 Continue as well as 102 and 103.
# Behaviour: 102 and 103 are passed over, a 100 that was not asked for ends the connection ("error", code 1006, no
#   reason). The npm package ws opens on all three, on the same Node.
# Seen on 2026-11-28 with Node 26.10.0 (its undici) and ws 8.23.0.
# It means: RFC 9110, section 15.2, has clients take interim answers that they did not expect. A server or front end that
#   sends 100 before its 101 shuts out this client alone, and the client does not say why.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund node@26.10.0 ws@8.23.0 >/dev/null
cat >find.js <<'END'
const net = require("net"), crypto = require("crypto");

const server = net.createServer((socket) => {
  socket.on("error", () => {});
  socket.once("data", (request) => {
    const [, status] = /^GET \/(\d+)/.exec(request), [, key] = /sec-websocket-key: *(\S+)/i.exec(request);
    const accept = crypto.createHash("sha1").update(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest("base64");
    if (status !== "101") socket.write(`HTTP/1.1 ${status} Interim\r\n\r\n`);
    socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${accept}\r\n\r\n`);
  });
});
const ask = (Client, status) => new Promise((resolve) => {
  const client = new Client(`ws://127.0.0.1:${server.address().port}/${status}`);
  client.onopen = () => resolve("opens");
  client.onerror = () => {};
  client.onclose = (event) => resolve(`fails with ${event.code}`);
});
server.listen(0, "127.0.0.1", async () => {
  for (const [name, Client] of [["built-in", WebSocket], ["ws", require("ws")]])
    for (const status of [101, 100, 102, 103])
      console.log(`${name}, ${status === 101 ? "no interim answer" : `${status} first`}: ${await ask(Client, status)}`);
  process.exit(0);
});
END
timeout 40 node_modules/.bin/node find.js >seen

echo "One would guess: both clients open each time."
echo "What happens (Node $(node_modules/.bin/node --version), ws 8.23.0):"
cat seen
cat >expected <<'END'
built-in, no interim answer: opens
built-in, 100 first: fails with 1006
built-in, 102 first: opens
built-in, 103 first: opens
ws, no interim answer: opens
ws, 100 first: opens
ws, 102 first: opens
ws, 103 first: opens
END
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
