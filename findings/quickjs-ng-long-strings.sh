#!/bin/sh
# Guess: a string that a script gives back arrives in Python as a str, however it was made.
# Behaviour: with quickjs-ng, two strings of more than 512 characters each that were put together with + raise "TypeError:
#   Unknown quickjs tag: -6"; the engine keeps the pieces, and the module does not know that kind of value. The same
#   string in one piece arrives.
# Seen on 2026-11-28 with the version below.
# It means: what evaluates strangers' scripts has to expect a TypeError too, or to have the script's answer cut with
#   slice(0) first, which makes one piece of it.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check quickjs-ng==0.17.0.2 2>pip.log || { cat pip.log; exit 1; }
cat >find.py <<'EOF'
import quickjs

for script in ("'a'.repeat(1026)", "'a'.repeat(512) + 'b'.repeat(512)", "'a'.repeat(513) + 'b'.repeat(513)",
               "('a'.repeat(513) + 'b'.repeat(513)).slice(0)"):
    try:
        said = f"a str of {len(quickjs.Context().eval(script))}"
    except TypeError as error:
        said = f"TypeError: {error}"
    print(f"{script}: {said}")
EOF
timeout 60 venv/bin/python find.py >seen 2>/dev/null

echo "One would guess: each of these strings arrives."
echo "What happens (quickjs-ng 0.17.0.2):"
cat seen
cat >expected <<'EOF'
'a'.repeat(1026): a str of 1026
'a'.repeat(512) + 'b'.repeat(512): a str of 1024
'a'.repeat(513) + 'b'.repeat(513): TypeError: Unknown quickjs tag: -6
('a'.repeat(513) + 'b'.repeat(513)).slice(0): a str of 1026
EOF
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
