#!/bin/sh
# Guess: a server made with the npm package ws and its option `path` answers another path with 404.
# Behaviour: 400 Bad Request, as for a handshake that is wrong in itself, with no word on the path.
# Seen on 2026-11-28 with ws 8.23.0.
# It means: a 400 from a Node server can mean "wrong path", while the request has no fault.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund ws@8.23.0 >/dev/null
cat >find.js <<'END'
const { WebSocket, WebSocketServer } = require("ws");

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, path: "/chat" }, async () => {
  for (const path of ["/chat", "/other"])
    await new Promise((resolve) => {
      const client = new WebSocket(`ws://127.0.0.1:${server.address().port}${path}`);
      client.on("open", () => resolve(console.log(path, 101)));
      client.on("unexpected-response", (request, response) => {
        let body = "";
        response.on("data", (part) => { body += part; });
        response.on("end", () => resolve(console.log(path, response.statusCode, JSON.stringify(body))));
      });
    });
  process.exit(0);
});
END
timeout 30 node find.js >seen

echo "One would guess: /other gets 404."
echo "What happens (ws 8.23.0, path: \"/chat\"):"
cat seen
cat >expected <<'END'
/chat 101
/other 400 "Bad Request"
END
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
