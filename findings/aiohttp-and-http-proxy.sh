#!/bin/sh
# Guess: a session that trusts the environment goes through http_proxy for ws:// and https_proxy for wss://.
# Behaviour: aiohttp (trust_env=True) looks for ws_proxy and wss_proxy alone and goes direct past http_proxy,
#   https_proxy and all_proxy. httpx-ws passes by http_proxy as well, but takes all_proxy.
# Seen on 2026-11-28 with the versions below.
# It means: where a proxy is the only way out, https:// works in the same session and wss:// times out. And the other
#   way round: a tester that follows https_proxy tests another way than such a program goes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check aiohttp==3.14.5 httpx==0.28.1 httpx-ws==0.9.0 2>pip.log || { cat pip.log; exit 1; }
cat >find.py <<'END'
import asyncio, os, socket, threading
import aiohttp, httpx, httpx_ws

seen = []

def serve(listener, name):
    while True:
        connection = listener.accept()[0]
        seen.append(name)
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        connection.close()

def start(name):
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=serve, args=(listener, name), daemon=True).start()
    return listener.getsockname()[1]

proxy, target = f"http://127.0.0.1:{start('proxy')}", start("direct")

async def with_aiohttp(url):
    async with aiohttp.ClientSession(trust_env=True) as session:
        await session.ws_connect(url)

async def with_httpx_ws(url):
    async with httpx.AsyncClient() as client, httpx_ws.aconnect_ws(url, client):
        pass

for name in "http_proxy", "https_proxy", "all_proxy", "ws_proxy", "wss_proxy":
    for unset in "http", "https", "all", "ws", "wss", "no":
        os.environ.pop(f"{unset}_proxy", None)
        os.environ.pop(f"{unset}_proxy".upper(), None)
    os.environ[name] = proxy
    scheme = "wss" if name in ("https_proxy", "wss_proxy") else "ws"
    for client in with_aiohttp, with_httpx_ws:
        seen.clear()
        try:
            asyncio.run(asyncio.wait_for(client(f"{scheme}://127.0.0.1:{target}/"), 5))
        except Exception:
            pass  # both ends refuse: who was asked is the question
        print(f"{name}, {scheme}://, {client.__name__.removeprefix('with_')}: {seen[0]}")
END
timeout 60 venv/bin/python find.py >seen 2>/dev/null

echo "One would guess: http_proxy (ws://), https_proxy (wss://) and all_proxy are used, ws_proxy is not known."
echo "What happens (aiohttp 3.14.5 with trust_env=True; httpx-ws 0.9.0 with httpx 0.28.1):"
cat seen
cat >expected <<'END'
http_proxy, ws://, aiohttp: direct
http_proxy, ws://, httpx_ws: direct
https_proxy, wss://, aiohttp: direct
https_proxy, wss://, httpx_ws: direct
all_proxy, ws://, aiohttp: direct
all_proxy, ws://, httpx_ws: proxy
ws_proxy, ws://, aiohttp: proxy
ws_proxy, ws://, httpx_ws: direct
wss_proxy, wss://, aiohttp: proxy
wss_proxy, wss://, httpx_ws: direct
END
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
