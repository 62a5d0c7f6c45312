#!/bin/sh
# Guess: of a module's pair of fork hooks, which acquire a lock before and release it after, either both run or neither.
# Behaviour: os.fork lists the hooks "before" when it begins, and those "after" when it has forked. A pair that is
#   registered in between, here by a hook that imports concurrent.futures.thread, runs by half: what was never acquired
#   is released. Nothing is raised; it stands on stderr, "release unlocked lock".
# Seen on 2026-11-28 with CPython 3.11.2, 3.12.1, 3.13.0, 3.14.10 and 3.15.2.
# It means: a hook "before" that waits for another thread's import needs all modules with hooks imported beforehand.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >find.py <<'EOF'
import os, sys

def before():
    import concurrent.futures.thread

if "early" in sys.argv:
    before()
os.register_at_fork(before=before)
child = os.fork()
if not child:
    os.close(2)
    os._exit(0)
print("fork returned,", "its child ended with", os.waitpid(child, 0)[1])
EOF
for imported in early late; do
    echo "imported $imported:"
    timeout 20 python3 find.py $imported 2>errors
    grep -c "release unlocked lock" errors || true
done >seen

echo "One would guess: two forks, and no error."
echo "What happens (with the number of errors below each):"
cat seen
cat >expected <<'EOF'
imported early:
fork returned, its child ended with 0
0
imported late:
fork returned, its child ended with 0
1
EOF
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
