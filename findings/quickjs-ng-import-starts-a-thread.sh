#!/bin/sh
# Guess: importing a library starts no thread, and changes nothing for the threads of others.
# Behaviour: "import quickjs" (quickjs-ng) starts a thread that lasts until the process ends, for the class Function alone;
#   while it does so, every new thread of the process gets a stack of 8 MiB. The module of C below it, _quickjs, has
#   Context and no thread.
# Seen on 2026-11-28 with the version below.
# It means: a program that counts its threads, forks, or imports late (CPython refuses new threads while it shuts down)
#   imports _quickjs.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check quickjs-ng==0.17.0.2 2>pip.log || { cat pip.log; exit 1; }
cat >find.py <<'EOF'
import importlib, threading

for name in ("_quickjs", "quickjs"):
    module = importlib.import_module(name)
    others = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
    print(f"after import {name}: {', '.join(others) or 'no thread'}; 6 * 7 is {module.Context().eval('6 * 7')}")
EOF
timeout 60 venv/bin/python find.py >seen 2>/dev/null

echo "One would guess: no thread after either."
echo "What happens (quickjs-ng 0.17.0.2):"
cat seen
cat >expected <<'EOF'
after import _quickjs: no thread; 6 * 7 is 42
after import quickjs: quickjs-worker-1_0; 6 * 7 is 42
EOF
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
