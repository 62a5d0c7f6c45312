"""Run a program with a window as `__main__`, and print which threads of wsconn are left when its window is gone.

run.py PROGRAM ARGUMENT…
"""

import runpy
import sys
import threading
import time

LEAVE_SECONDS = 2.5  # 250 ms are promised for a test's threads to end after an abort; ten times that are forgiven


def left_after_a_while() -> list[str]:
    deadline = time.monotonic() + LEAVE_SECONDS
    threads = [thread for thread in threading.enumerate() if thread.name.startswith("wsconn")]
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return [thread.name for thread in threads if thread.is_alive()]


if __name__ == "__main__":
    del sys.argv[0]
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
    finally:
        print(f"threads left: {left_after_a_while()}", flush=True)
