#!/bin/sh
# Guess: Client.scheduler_info(n_workers=-1), and without an argument, names all workers, as its documentation says.
# Behaviour: now and then it names none. It stores what it has asked for where the client's own poll stores what it asks
#   for, which is without workers, and returns what is there a moment later, from another thread.
#   client.sync(client.scheduler.identity, n_workers=-1) returns the answer itself.
# Seen on 2026-11-28 with the version below. The poll is every 2 s; here it is every millisecond, so that it is seen soon
#   (distributed.client.scheduler-info-interval). With 2 s a test on a busy machine met it after some dozen calls.
# It means: a program that finds no workers cannot conclude from it that there are none.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check distributed==2026.8.0 2>pip.log || { cat pip.log; exit 1; }
cat >ask.py <<'EOF'
import dask

dask.config.set({"distributed.client.scheduler-info-interval": "1ms"})

from distributed import Client, LocalCluster

CALLS = 3000

with LocalCluster(n_workers=1, processes=False, dashboard_address=None) as cluster, Client(cluster) as client:
    client.wait_for_workers(1)
    told = [len(client.scheduler_info(n_workers=-1)["workers"]) for _ in range(CALLS)]
    asked = [len(client.sync(client.scheduler.identity, n_workers=-1)["workers"]) for _ in range(CALLS)]
for name, found in (("scheduler_info", told), ("scheduler.identity", asked)):
    print(f"{name} names one worker{', or none' if 0 in found else ' each time'}; others: {set(found) - {0, 1} or 'never'}")
EOF
timeout 80 venv/bin/python ask.py >seen 2>log || { cat log; exit 1; }

echo "One would guess: one worker each time, both ways."
echo "What happens (distributed 2026.8.0):"
cat seen
cat >expected <<'EOF'
scheduler_info names one worker, or none; others: never
scheduler.identity names one worker each time; others: never
EOF
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
