#!/bin/sh
# Guess: a blank behind a header's value is no part of the value, for Node's built-in WebSocket as for every client
#   (RFC 9110, section 5.5; RFC 9112, section 5: optional whitespace on both sides).
# Behaviour: blanks before the value are left out, one behind it is kept, so that `Upgrade: websocket ` or a blank behind
#   Sec-WebSocket-Accept fails the handshake ("error", code 1006, no reason). The npm package ws opens, on the same Node.
# Seen on 2026-11-28 with Node 26.10.0 (its undici) and ws 8.23.0.
# It means: what one client reports as failed can be one invisible character in an answer that is right; only a dump of
#   the bytes shows it.
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
    const [, where] = /^GET \/(\S*)/.exec(request), [, key] = /sec-websocket-key: *(\S+)/i.exec(request);
    const accept = crypto.createHash("sha1").update(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest("base64");
    const field = (name, value) => `${name}:${where === "before" ? "  " : " "}${value}${where === name ? " " : ""}\r\n`;
    socket.write("HTTP/1.1 101 Switching Protocols\r\n" + field("Upgrade", "websocket") + field("Connection", "Upgrade") +
      field("Sec-WebSocket-Accept", accept) + "\r\n");
  });
});
const ask = (Client, where) => new Promise((resolve) => {
  const client = new Client(`ws://127.0.0.1:${server.address().port}/${where}`);
  client.onopen = () => resolve("opens");
  client.onerror = () => {};
  client.onclose = (event) => resolve(`fails with ${event.code}`);
});
server.listen(0, "127.0.0.1", async () => {
  for (const where of ["before", "Upgrade", "Connection", "Sec-WebSocket-Accept"])
    for (const [name, Client] of [["built-in", WebSocket], ["ws", require("ws")]])
      console.log(`two blanks before`.repeat(where === "before") + `one behind ${where}`.repeat(where !== "before") +
        `, ${name}: ${await ask(Client, where)}`);
  process.exit(0);
});
END
timeout 40 node_modules/.bin/node find.js >seen

echo "One would guess: both clients open each time."
echo "What happens (Node $(node_modules/.bin/node --version), ws 8.23.0):"
cat seen
cat >expected <<'END'
two blanks before, built-in: opens
two blanks before, ws: opens
one behind Upgrade, built-in: fails with 1006
one behind Upgrade, ws: opens
one behind Connection, built-in: fails with 1006
one behind Connection, ws: opens
one behind Sec-WebSocket-Accept, built-in: fails with 1006
one behind Sec-WebSocket-Accept, ws: opens
END
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
