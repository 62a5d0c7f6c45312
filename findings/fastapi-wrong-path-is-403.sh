#!/bin/sh
# Guess: a FastAPI server answers a WebSocket at a path that it does not have with 404, and one that lacks a parameter
#   with 422, as it does for requests.
# Behaviour: both are 403 with an empty body, and so are a path with one slash too many and a path that is there for
#   requests alone. A plain GET gets 404 at each WebSocket's path, the one that opens included.
# Seen on 2026-11-28 with FastAPI 0.165.0, Starlette 1.10.0, uvicorn 0.54.0, hypercorn 0.18.0.
# It means: a bare 403 from such a server is a misspelt path or a missing parameter as likely as a missing login or
#   Origin. And to open the address as a page proves nothing: 404 is what a healthy WebSocket's path says, too.
set -eu
folder=$(mktemp -d)
server=
trap 'if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check fastapi==0.165.0 starlette==1.10.0 uvicorn==0.54.0 \
    hypercorn==0.18.0 websockets==17.4 2>pip.log || { cat pip.log; exit 1; }
cat >app.py <<'END'
from fastapi import FastAPI, WebSocket

app = FastAPI()

@app.get("/page")
def page():
    return "a page"

@app.websocket("/call")
async def call(websocket: WebSocket, room: int):
    await websocket.accept()
    await websocket.close()
END
cat >ask.py <<'END'
import http.client, sys, time
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

name, port = sys.argv[1], int(sys.argv[2])

def upgrade(path):
    for _ in range(100):
        try:
            connect(f"ws://127.0.0.1:{port}{path}", proxy=None, legacy=True).close()
            return "opens"
        except InvalidStatus as error:
            return f"{error.response.status_code} with {len(error.response.body or b'')} bytes"
        except OSError:
            time.sleep(0.2)  # it is still starting

def get(path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path)
    return connection.getresponse().status

for path in "/call?room=1", "/call", "/call/?room=1", "/calls?room=1", "/page":
    print(f"{name} {path}: WebSocket {upgrade(path)}, GET {get(path)}")
END
port() { python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
for name in uvicorn hypercorn; do
    at=$(port)
    case $name in
    uvicorn) venv/bin/uvicorn app:app --port "$at" >log 2>&1 & ;;
    hypercorn) venv/bin/hypercorn app:app -b "127.0.0.1:$at" >log 2>&1 & ;;
    esac
    server=$!
    timeout 25 venv/bin/python -W ignore ask.py "$name" "$at"
    kill "$server"
    wait "$server" 2>/dev/null || true
    server=
done >seen

echo "One would guess: 404 for a path that is not there, 422 for a missing parameter."
echo "What happens (FastAPI 0.165.0, Starlette 1.10.0, uvicorn 0.54.0, hypercorn 0.18.0):"
cat seen
for name in uvicorn hypercorn; do
    cat <<END
$name /call?room=1: WebSocket opens, GET 404
$name /call: WebSocket 403 with 0 bytes, GET 404
$name /call/?room=1: WebSocket 403 with 0 bytes, GET 404
$name /calls?room=1: WebSocket 403 with 0 bytes, GET 404
$name /page: WebSocket 403 with 0 bytes, GET 200
END
done >expected
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
