#!/bin/sh
# Guess: a bad SSLKEYLOGFILE shows when a TLS connection is made; importing a library does not care, nor does ws://.
# Behaviour: `import aiohttp` makes its TLS contexts, so it raises FileNotFoundError that names the key log and nothing
#   of TLS. So does all that imports it (aiohttp-socks). websockets, httpx-ws, tornado and websocket-client import.
# Seen on 2026-11-28 with aiohttp 3.14.5 on CPython 3.11.
# It means: a left-over SSLKEYLOGFILE (a folder since deleted, a disk not mounted) stops a program before it asks for
#   any address, and looks like a broken installation. It also holds for plain ws://.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check aiohttp==3.14.5 aiohttp-socks==0.12.0 websockets==17.4 \
    httpx-ws==0.9.0 tornado==6.6.1 websocket-client==1.9.2 2>pip.log || { cat pip.log; exit 1; }
for module in aiohttp aiohttp_socks websockets.sync.client httpx_ws tornado.websocket websocket; do
    if SSLKEYLOGFILE="$folder/gone/keys" timeout 20 venv/bin/python -c "import $module" 2>error; then
        echo "import $module: fine"
    else
        echo "import $module: $(tail -n 1 error | cut -d: -f1)"
    fi
done >seen

echo "One would guess: importing works, whatever SSLKEYLOGFILE names."
echo "What happens (aiohttp 3.14.5, aiohttp-socks 0.12.0, websockets 17.4, httpx-ws 0.9.0, tornado 6.6.1,"
echo "websocket-client 1.9.2):"
cat seen
cat >expected <<'END'
import aiohttp: FileNotFoundError
import aiohttp_socks: FileNotFoundError
import websockets.sync.client: fine
import httpx_ws: fine
import tornado.websocket: fine
import websocket: fine
END
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
