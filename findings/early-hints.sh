#!/bin/sh
# Guess: a client passes over an interim answer (103 Early Hints) and reads on to the 101, as RFC 9110, section 15.2,
#   asks of every client.
# Behaviour: websockets, websocket-client, simple-websocket and picows take the 103 for the final answer and fail with
#   "HTTP 103"; aiohttp, tornado and httpx-ws, which stand on an HTTP client, open.
# Seen on 2026-11-28 with the versions below.
# It means: "HTTP 103" in a client's error is no refusal. The server's 101 came right behind it, and whether the
#   WebSocket opens depends on the client.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check aiohttp==3.14.5 tornado==6.6.1 picows==2.3.1 websockets==17.4 \
    websocket-client==1.9.2 simple-websocket==1.1.0 httpx==0.28.1 httpx-ws==0.9.0 2>pip.log || { cat pip.log; exit 1; }
cat >find.py <<'END'
import asyncio, base64, hashlib, logging, re, socket, threading
import aiohttp, httpx, httpx_ws, picows, simple_websocket, tornado.websocket, websocket, websockets.sync.client

logging.disable()

def answer(connection):
    request = b""
    while b"\r\n\r\n" not in request:
        request += connection.recv(4096)
    key = re.search(rb"(?i)sec-websocket-key: *(\S+)", request).group(1)
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    connection.sendall(
        b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )
    try:
        if connection.recv(100)[:1] == b"\x88":
            connection.sendall(b"\x88\x02\x03\xe8")
    except OSError:
        pass
    connection.close()

def serve(listener):
    while True:
        threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()

listener = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=serve, args=(listener,), daemon=True).start()
url = f"ws://127.0.0.1:{listener.getsockname()[1]}/"

async def with_aiohttp():
    async with aiohttp.ClientSession() as session:
        await session.ws_connect(url)

async def with_tornado():
    (await tornado.websocket.websocket_connect(url)).close()

def with_httpx_ws():
    with httpx.Client(trust_env=False) as client, httpx_ws.connect_ws(url, client):
        pass

async def with_picows():
    (await picows.ws_connect(picows.WSListener, url))[0].disconnect()

def with_websockets():
    websockets.sync.client.connect(url, proxy=None, close_timeout=0).close()

def with_websocket_client():
    websocket.create_connection(url, timeout=5).shutdown()

def with_simple_websocket():
    simple_websocket.Client(url).close()

for client in (with_aiohttp, with_tornado, with_httpx_ws, with_picows, with_websockets, with_websocket_client,
               with_simple_websocket):
    try:
        if asyncio.iscoroutinefunction(client):
            asyncio.run(asyncio.wait_for(client(), 5))
        else:
            client()
        said = "opens"
    except Exception as error:
        said = "fails and names 103" if "103" in str(error) else f"fails: {type(error).__name__}"
    print(client.__name__.removeprefix("with_"), said, flush=True)
END
timeout 60 venv/bin/python find.py >seen 2>/dev/null

echo "One would guess: each client passes over 103 Early Hints and opens on the 101 behind it."
echo "What happens (aiohttp 3.14.5, tornado 6.6.1, httpx-ws 0.9.0, picows 2.3.1, websockets 17.4,"
echo "websocket-client 1.9.2, simple-websocket 1.1.0):"
cat seen
cat >expected <<'END'
aiohttp opens
tornado opens
httpx_ws opens
picows fails and names 103
websockets fails and names 103
websocket_client fails and names 103
simple_websocket fails and names 103
END
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
