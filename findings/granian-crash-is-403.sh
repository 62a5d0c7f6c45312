#!/bin/sh
# Guess: where a Python application raises before it accepts a WebSocket, the server answers 500; 403 means that the
#   application turned the client away.
# Behaviour: granian answers 403 in both cases. uvicorn and hypercorn answer 500 for the crash.
# Seen on 2026-11-28 with granian 2.8.9, uvicorn 0.54.0, hypercorn 0.18.0.
# It means: a 403 is not proof that anybody judged the origin, the token or the path. Before one changes those, the
#   server's log is worth a look.
set -eu
folder=$(mktemp -d)
server=
trap 'if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check granian==2.8.9 uvicorn==0.54.0 hypercorn==0.18.0 websockets==17.4 2>pip.log || { cat pip.log; exit 1; }
cat >app.py <<'END'
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            event = (await receive())["type"]
            await send({"type": f"{event}.complete"})
            if event == "lifespan.shutdown":
                return
    await receive()
    if scope["path"] == "/crash":
        raise RuntimeError("on purpose")
    await send({"type": "websocket.close"})
END
cat >ask.py <<'END'
import sys, time
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

name, port = sys.argv[1:]
for path in "/crash", "/turned-away":
    for _ in range(60):
        try:
            connect(f"ws://127.0.0.1:{port}{path}", proxy=None)
        except InvalidStatus as error:
            print(f"{name} {path}: {error.response.status_code}")
            break
        except OSError:
            time.sleep(0.25)  # it is still starting
END
port() { python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
for name in uvicorn hypercorn granian; do
    at=$(port)
    case $name in
    uvicorn) venv/bin/uvicorn app:app --port "$at" >log 2>&1 & ;;
    hypercorn) venv/bin/hypercorn app:app -b "127.0.0.1:$at" >log 2>&1 & ;;
    granian) venv/bin/granian --interface asgi --host 127.0.0.1 --port "$at" app:app >log 2>&1 & ;;
    esac
    server=$!
    timeout 20 venv/bin/python ask.py "$name" "$at"
    kill "$server"
    wait "$server" 2>/dev/null || true
    server=
done >seen

echo "One would guess: 500 where the application crashes, 403 where it turns the client away."
echo "What happens (uvicorn 0.54.0, hypercorn 0.18.0, granian 2.8.9):"
cat seen
cat >expected <<'END'
uvicorn /crash: 500
uvicorn /turned-away: 403
hypercorn /crash: 500
hypercorn /turned-away: 403
granian /crash: 403
granian /turned-away: 403
END
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
