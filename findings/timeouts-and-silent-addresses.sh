#!/bin/sh
# Guess: a timeout of 1 s for opening ends the attempt after 1 s; and a name whose first address is silent is reached
#   at its second, as RFC 8305 has it.
# Behaviour: where a name's three addresses are silent, websockets' sync client (open_timeout), httpx-ws (timeout) and
#   aiohttp (sock_connect) take 3 s, as each address has the time anew; picows' websocket_handshake_timeout does not count
#   before the connection stands. Where the first alone is silent, only aiohttp and httpx-ws get through: websocket-client
#   and tornado do not try the second in that time, and both clients of websockets have none left for it.
# Seen on 2026-11-28 with websockets 17.4, aiohttp 3.14.5, httpx-ws 0.9.0, httpx 0.28.1, websocket-client 1.9.2,
#   tornado 6.6.1, picows 2.3.1 on CPython 3.11, Linux.
# It means: behind a balancer with one dead address the same name opens in one client and times out in the next, and a
#   program that has to go on after a second needs a clock of its own.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check websockets==17.4 aiohttp==3.14.5 httpx-ws==0.9.0 httpx==0.28.1 \
    websocket-client==1.9.2 tornado==6.6.1 picows==2.3.1 2>pip.log || { cat pip.log; exit 1; }
cat >ask.py <<'END'
import asyncio, contextlib, logging, socket, threading, time
import aiohttp, httpx, httpx_ws, picows, tornado.websocket, websocket
import websockets.asyncio.client, websockets.sync.client, websockets.sync.server
from tornado.httpclient import HTTPRequest

SILENT, HEALTHY = ("127.0.0.11", "127.0.0.12", "127.0.0.13"), "127.0.0.14"
logging.disable()

def silent(address, port, kept):
    """Let a listener answer no SYN: its queue is full."""
    listener = socket.socket()
    listener.bind((address, port))
    listener.listen(0)
    kept.append(listener)
    for _ in range(3):
        kept.append(socket.socket())
        kept[-1].setblocking(False)
        kept[-1].connect_ex(listener.getsockname())
    return listener.getsockname()[1]

system, addresses = socket.getaddrinfo, {}

def getaddrinfo(host, port, *arguments, **options):
    name = host.decode() if isinstance(host, bytes) else host
    if name not in addresses:
        return system(host, port, *arguments, **options)
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses[name]]

socket.getaddrinfo = getaddrinfo  # the system's resolver is to have these names

async def with_aiohttp(url, **timeout):
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(**timeout)) as session:
        await session.ws_connect(url)

async def with_tornado(url):
    (await tornado.websocket.websocket_connect(HTTPRequest(url, connect_timeout=1, request_timeout=1))).close()

def with_httpx_ws(url):
    with httpx.Client(timeout=1) as client, httpx_ws.connect_ws(url, client, keepalive_ping_interval_seconds=None):
        pass

CLIENTS = {
    "websockets sync, open_timeout": lambda url: websockets.sync.client.connect(
        url, proxy=None, open_timeout=1, close_timeout=0, legacy=True).close(),
    "httpx-ws, timeout": with_httpx_ws,
    "aiohttp, sock_connect": lambda url: with_aiohttp(url, sock_connect=1),
    "aiohttp, total": lambda url: with_aiohttp(url, total=1),
    "websockets asyncio, open_timeout": lambda url: websockets.asyncio.client.connect(
        url, proxy=None, open_timeout=1, close_timeout=0),
    "websocket-client, timeout": lambda url: websocket.create_connection(url, timeout=1).shutdown(),
    "tornado, connect_timeout": with_tornado,
    "picows, websocket_handshake_timeout": lambda url: picows.ws_connect(
        picows.WSListener, url, websocket_handshake_timeout=1),
}

async def finished(awaitable):
    return await awaitable

def opened(client, url):
    began = time.monotonic()
    try:
        attempt = client(url)
        if attempt is not None:
            asyncio.run(asyncio.wait_for(finished(attempt), 5))
        end = "opens"
    except Exception:
        end = "fails"
    seconds = time.monotonic() - began
    return end, next(words for most, words in LENGTHS if seconds < most)

LENGTHS = ((2.2, "1 s"), (4.5, "3 s"), (float("inf"), "5 s, when it was stopped"))
kept = []
port = silent(SILENT[0], 0, kept)
for address in SILENT[1:]:
    silent(address, port, kept)
server = websockets.sync.server.serve(lambda connection: None, HEALTHY, port)
threading.Thread(target=server.serve_forever, daemon=True).start()
addresses |= {"all.test": SILENT, "first.test": (SILENT[0], HEALTHY)}
time.sleep(0.5)
for name, client in CLIENTS.items():
    (_, length), (end, _) = (opened(client, f"ws://{host}:{port}/") for host in ("all.test", "first.test"))
    print(f"{name}: all silent: {length}; the first alone: {end}", flush=True)
END
timeout 60 venv/bin/python -W ignore ask.py >seen 2>log

echo "One would guess: 1 s each; and where the first address alone is silent, it opens."
echo "What happens (websockets 17.4, aiohttp 3.14.5, httpx-ws 0.9.0, websocket-client 1.9.2, tornado 6.6.1, picows 2.3.1):"
cat seen
cat >expected <<'END'
websockets sync, open_timeout: all silent: 3 s; the first alone: fails
httpx-ws, timeout: all silent: 3 s; the first alone: opens
aiohttp, sock_connect: all silent: 3 s; the first alone: opens
aiohttp, total: all silent: 1 s; the first alone: opens
websockets asyncio, open_timeout: all silent: 1 s; the first alone: fails
websocket-client, timeout: all silent: 1 s; the first alone: fails
tornado, connect_timeout: all silent: 1 s; the first alone: fails
picows, websocket_handshake_timeout: all silent: 5 s, when it was stopped; the first alone: fails
END
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
