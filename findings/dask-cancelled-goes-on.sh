#!/bin/sh
# Guess: a call that is cancelled on the client ends where it runs, as asyncio's own calls do; the connection is closed.
# Behaviour: the function that Client.run has begun on a worker goes on to its end. A cancelled Event.wait goes on waiting
#   at the scheduler; if the event is never set, it is logged there as an error when the scheduler is closed.
# Seen on 2026-11-28 with the version below.
# It means: who ends a call early has to tell the worker in another way, with an Event, say, and to set each Event that
#   anybody has waited for.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check distributed==2026.8.0 2>pip.log || { cat pip.log; exit 1; }
cat >work.py <<'EOF'
import asyncio, threading

BEGUN, ENDED = threading.Event(), []


async def work(dask_worker):
    BEGUN.set()
    try:
        await asyncio.sleep(1)
        ENDED.append("went on to its end")
    except asyncio.CancelledError:
        ENDED.append("was cancelled")
        raise
EOF
cat >cancel.py <<'EOF'
import asyncio, logging, threading

from distributed import Client, Event, LocalCluster
from work import BEGUN, ENDED, work


async def cancel(awaitable, begun):
    task = asyncio.ensure_future(awaitable)
    await asyncio.to_thread(begun)
    task.cancel()
    await asyncio.wait([task])
    return "it has ended" if task.cancelled() else "it goes on"


class Errors(logging.Handler):
    def emit(self, record):
        ENDED.append(f"the scheduler logs an error: {record.exc_info and record.exc_info[0].__name__}")


def waiting():
    return dict(cluster.scheduler.extensions["events"]._waiter_count)


def until(true):
    while not true():
        threading.Event().wait(0.05)


with LocalCluster(n_workers=1, processes=False, dashboard_address=None, silence_logs=50) as cluster:
    with Client(cluster) as client:
        client.wait_for_workers(1)
        print("Client.run is cancelled on the client:", client.sync(lambda: cancel(client.run(work), BEGUN.wait)))
        until(lambda: ENDED)
        print("the function on the worker", ENDED.pop())
        wait = lambda: cancel(Event("never set", client).wait(), lambda: until(waiting))
        print("Event.wait is cancelled on the client:", client.sync(wait))
        threading.Event().wait(1)
        print("one second later the scheduler has as many who wait:", waiting())
    logger = logging.getLogger("distributed.event")
    logger.setLevel(logging.ERROR)
    logger.addHandler(Errors())
print(ENDED.pop() if ENDED else "nothing is logged")
EOF
timeout 80 venv/bin/python cancel.py >seen 2>log || { cat log; exit 1; }

echo "One would guess: both end, and nothing is left to log."
echo "What happens (distributed 2026.8.0):"
cat seen
cat >expected <<'EOF'
Client.run is cancelled on the client: it has ended
the function on the worker went on to its end
Event.wait is cancelled on the client: it has ended
one second later the scheduler has as many who wait: {'never set': 1}
the scheduler logs an error: CancelledError
EOF
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
