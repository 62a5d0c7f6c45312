#!/bin/sh
# Guess: a WebSocket client takes any answer whose Connection header has the token "Upgrade" among others,
#   as RFC 6455, section 4.1, says ("contains"): `Connection: keep-alive, Upgrade`.
# Behaviour: aiohttp, tornado, picows and the npm packages websocket and faye-websocket compare the whole header with
#   "upgrade" and refuse the answer; websockets, websocket-client and ws take it.
# Seen on 2026-11-28 with the versions below.
# It means: a server, or a front end that adds "keep-alive", can be reached and answers rightly, and half of the usual
#   clients still say no. A test that passes does not show that they will.
set -eu
folder=$(mktemp -d)
server=
trap 'if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check aiohttp==3.14.5 tornado==6.6.1 picows==2.3.1 websockets==17.4 \
    websocket-client==1.9.2 2>pip.log || { cat pip.log; exit 1; }
npm install --silent --no-audit --no-fund ws@8.23.0 websocket@1.0.35 faye-websocket@0.11.4 >/dev/null

cat >server.py <<'END'
import base64, hashlib, re, socket, threading

def answer(connection):
    request = b""
    while b"\r\n\r\n" not in request:
        if not (part := connection.recv(4096)):
            return
        request += part
    key = re.search(rb"(?i)sec-websocket-key: *(\S+)", request).group(1)
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    connection.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )
    try:
        connection.recv(100)
    except OSError:
        pass
    connection.close()

with socket.create_server(("127.0.0.1", 0)) as listener:
    print(listener.getsockname()[1], flush=True)
    while True:
        threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()
END
cat >clients.py <<'END'
import asyncio, logging, sys
import aiohttp, picows, tornado.websocket, websocket, websockets.sync.client

url = sys.argv[1]
logging.disable()

async def with_aiohttp():
    async with aiohttp.ClientSession() as session:
        await session.ws_connect(url)

async def with_tornado():
    (await tornado.websocket.websocket_connect(url)).close()

async def with_picows():
    (await picows.ws_connect(picows.WSListener, url))[0].disconnect()

def with_websockets():
    websockets.sync.client.connect(url, proxy=None, close_timeout=0).close()

def with_websocket_client():
    websocket.create_connection(url, timeout=5).shutdown()

for client in with_aiohttp, with_tornado, with_picows, with_websockets, with_websocket_client:
    try:
        if asyncio.iscoroutinefunction(client):
            asyncio.run(asyncio.wait_for(client(), 5))
        else:
            client()
        said = "opens"
    except Exception:
        said = "refuses"
    print(client.__name__.removeprefix("with_"), said)
END
cat >clients.js <<'END'
const url = process.argv[2];
const attempts = {
  ws: (yes, no) => { const w = new (require("ws"))(url); w.on("open", yes); w.on("error", no); },
  websocket: (yes, no) => {
    const w = new (require("websocket").client)();
    w.on("connect", yes); w.on("connectFailed", no); w.connect(url);
  },
  "faye-websocket": (yes, no) => {
    const w = new (require("faye-websocket").Client)(url);
    w.on("open", yes); w.on("error", no);
  },
};
(async () => {
  for (const [name, attempt] of Object.entries(attempts))
    await new Promise(attempt).then(() => console.log("npm", name, "opens"), () => console.log("npm", name, "refuses"));
  process.exit(0);
})();
END
python3 server.py >port 2>/dev/null & server=$!
while [ ! -s port ]; do sleep 0.1; done
timeout 40 venv/bin/python clients.py "ws://127.0.0.1:$(cat port)/" >seen 2>/dev/null
timeout 20 node clients.js "ws://127.0.0.1:$(cat port)/" >>seen

echo "One would guess: each client opens on 'Connection: keep-alive, Upgrade'."
echo "What happens (aiohttp 3.14.5, tornado 6.6.1, picows 2.3.1, websockets 17.4, websocket-client 1.9.2,"
echo "npm ws 8.23.0, websocket 1.0.35, faye-websocket 0.11.4):"
cat seen
cat >expected <<'END'
aiohttp refuses
tornado refuses
picows refuses
websockets opens
websocket_client opens
npm ws opens
npm websocket refuses
npm faye-websocket refuses
END
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
