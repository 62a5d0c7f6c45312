#!/bin/sh
# Guess: a WebSocket client does not follow a 302, as browsers do not.
# Behaviour: picows, niquests and both clients of websockets follow it. aiohttp follows it if Location is a path, and
#   fails if it is a whole ws:// address; websocket-client does the opposite. tornado, httpx-ws and libcurl (curl_cffi)
#   do not follow. npm's ws follows only if it is asked to, Node's own WebSocket never.
# Seen on 2026-11-28 with the versions below.
# It means: an address that moved (another host, a slash at the end) works in half of the clients and fails in the other
#   half and in every browser. The address to hand out is the one that the redirect leads to.
set -eu
folder=$(mktemp -d)
server=
trap 'if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check aiohttp==3.14.5 picows==2.3.1 niquests==3.21.2 wsproto==1.3.2 \
    websockets==17.4 websocket-client==1.9.2 tornado==6.6.1 httpx-ws==0.9.0 curl-cffi==0.17.0 2>pip.log || { cat pip.log; exit 1; }
npm install --silent --no-audit --no-fund ws@8.23.0 node@26.10.0 >/dev/null

cat >server.py <<'END'
import base64, hashlib, re, socket, threading

def answer(connection, port):
    request = b""
    while b"\r\n\r\n" not in request:
        if not (part := connection.recv(4096)):
            return
        request += part
    path = request.split()[1]
    places = {b"/path": b"/opens", b"/address": b"ws://127.0.0.1:%d/opens" % port}
    if path in places:
        connection.sendall(
            b"HTTP/1.1 302 Found\r\nLocation: " + places[path] + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
        connection.close()
        return
    key = re.search(rb"(?i)sec-websocket-key: *(\S+)", request).group(1)
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    connection.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )
    try:
        connection.recv(100)
    except OSError:
        pass
    connection.close()

with socket.create_server(("127.0.0.1", 0)) as listener:
    port = listener.getsockname()[1]
    print(port, flush=True)
    while True:
        threading.Thread(target=answer, args=(listener.accept()[0], port), daemon=True).start()
END
cat >clients.py <<'END'
import asyncio, logging, sys
import aiohttp, curl_cffi, httpx_ws, niquests, picows, tornado.websocket, websocket
import websockets.asyncio.client, websockets.sync.client

logging.disable()

async def with_aiohttp(url):
    async with aiohttp.ClientSession() as session:
        await session.ws_connect(url)

async def with_picows(url):
    (await picows.ws_connect(picows.WSListener, url))[0].disconnect()

async def with_websockets_asyncio(url):
    await (await websockets.asyncio.client.connect(url, proxy=None, close_timeout=0)).close()

async def with_tornado(url):
    (await tornado.websocket.websocket_connect(url)).close()

def with_websockets_sync(url):
    websockets.sync.client.connect(url, proxy=None, close_timeout=0, legacy=True).close()

def with_websocket_client(url):
    websocket.create_connection(url, timeout=5).shutdown()

def with_httpx_ws(url):
    with httpx_ws.connect_ws(url, keepalive_ping_interval_seconds=None):
        pass

def with_curl_cffi(url):
    curl_cffi.Session().ws_connect(url)

def with_niquests(url):
    with niquests.Session() as session:
        assert session.get(url, timeout=5).extension

CLIENTS = (with_aiohttp, with_picows, with_niquests, with_websockets_asyncio, with_websockets_sync, with_websocket_client,
           with_tornado, with_httpx_ws, with_curl_cffi)
for client in CLIENTS:
    said = []
    for path in "address", "path":
        url = f"ws://127.0.0.1:{sys.argv[1]}/{path}"
        try:
            if asyncio.iscoroutinefunction(client):
                asyncio.run(asyncio.wait_for(client(url), 5))
            else:
                client(url)
            said.append("follows")
        except Exception:
            said.append("fails")
    print(client.__name__.removeprefix("with_"), *said, flush=True)
END
cat >clients.mjs <<'END'
import WS from "ws";

const at = process.argv[2];
const clients = {
  "npm ws": (url) => new WS(url),
  "npm ws, followRedirects": (url) => new WS(url, { followRedirects: true }),
  "Node": (url) => new WebSocket(url),
};
for (const [name, open] of Object.entries(clients)) {
  const said = [];
  for (const path of ["address", "path"])
    said.push(await new Promise((end) => {
      const socket = open(`ws://127.0.0.1:${at}/${path}`);
      socket.onopen = () => end("follows");
      socket.onerror = () => end("fails");
    }));
  console.log(name, ...said);
}
process.exit(0);
END
python3 server.py >port 2>/dev/null & server=$!
while [ ! -s port ]; do sleep 0.1; done
timeout 40 venv/bin/python -W ignore clients.py "$(cat port)" >seen 2>/dev/null
timeout 20 node_modules/.bin/node clients.mjs "$(cat port)" >>seen

echo "One would guess: no client follows a 302 in place of the 101."
echo "What happens, where Location is a whole address, and a path (aiohttp 3.14.5, picows 2.3.1, niquests 3.21.2,"
echo "websockets 17.4, websocket-client 1.9.2, tornado 6.6.1, httpx-ws 0.9.0, curl_cffi 0.17.0, npm ws 8.23.0, Node 26.10.0):"
cat seen
cat >expected <<'END'
aiohttp fails follows
picows follows follows
niquests follows follows
websockets_asyncio follows follows
websockets_sync follows follows
websocket_client follows fails
tornado fails fails
httpx_ws fails fails
curl_cffi fails fails
npm ws fails fails
npm ws, followRedirects follows follows
Node fails fails
END
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
