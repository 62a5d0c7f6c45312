#!/bin/sh
# Guess: an HTTP proxy that cannot reach the target of a CONNECT answers with a 5xx status (502, 503 or 504; the npm
#   package proxy-chain has codes of its own from 590 up).
# Behaviour: without a proxy behind it, proxy-chain closes the connection without a byte, for a refused port and for a
#   name that does not resolve alike. Only a tunnel that stands gets its 200.
# Seen on 2026-11-28 with proxy-chain 3.0.1.
# It means: "the proxy closed the connection without an answer" need not be the proxy's fault nor a wrong protocol to
#   it: the target may be down. Asking the same proxy for another target tells the two apart.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund proxy-chain@3.0.1 >/dev/null
cat >find.mjs <<'END'
import net from "node:net";
import { Server } from "proxy-chain";

const listening = (server) => new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server.address().port)));
const target = net.createServer(), gone = net.createServer();
const open = await listening(target), refused = await listening(gone);
await new Promise((resolve) => gone.close(resolve));
const proxy = new Server({ host: "127.0.0.1", port: 0 });
await proxy.listen();

const ask = (to) => new Promise((resolve) => {
  let answer = "";
  const socket = net.connect(proxy.port, "127.0.0.1", () => socket.write(`CONNECT ${to} HTTP/1.1\r\nHost: ${to}\r\n\r\n`));
  socket.on("data", (data) => { answer += data; socket.destroy(); });
  socket.on("error", () => {});
  socket.on("close", () => resolve(answer ? answer.slice(9, 12) : "closed without a byte"));
});

console.log("a port that listens:", await ask(`127.0.0.1:${open}`));
console.log("a port that refuses:", await ask(`127.0.0.1:${refused}`));
console.log("a name that does not exist:", await ask("no-such-name.invalid:443"));
process.exit(0);
END
timeout 40 node find.mjs >seen

echo "One would guess: 200, then a 5xx status twice."
echo "What happens (proxy-chain 3.0.1):"
cat seen
cat >expected <<'END'
a port that listens: 200
a port that refuses: closed without a byte
a name that does not exist: closed without a byte
END
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
