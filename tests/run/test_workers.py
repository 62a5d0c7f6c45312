"""How many threads work: one more only where those that are there cannot do it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from tests.stuck import until
from wsconn._run.workers import Workers

MOST = 64
LOOKS = 7  # after which 64 threads are there, where each look doubles them
FIRST_LOOK, LAST_LOOK = 0.001, 0.008


class Work:
    """Items that last until they are let go; `threads` are those that have begun one."""

    def __init__(self, *, lasts: bool) -> None:
        self.threads: set[int] = set()
        self.done: list[int] = []
        self.go = threading.Event()
        if not lasts:
            self.go.set()

    def __call__(self, item: int) -> None:
        self.threads.add(threading.get_ident())
        assert self.go.wait(20)
        self.done.append(item)


@contextlib.contextmanager
def working(work: Work) -> Iterator[Workers[int]]:
    workers = Workers(work, range(MOST), MOST)
    try:
        yield workers
    finally:
        work.go.set()
        workers.join()


def test_threads_double_at_each_look_while_all_wait_for_a_peer() -> None:
    """Far servers are all asked within milliseconds."""
    work = Work(lasts=True)
    with working(work) as workers:
        begun = []
        for pause in workers.start(lambda _: MOST):
            begun.append(pause)
            assert until(lambda: len(work.threads) == 2 ** (len(begun) - 1))
    assert begun == [FIRST_LOOK] * LOOKS


def test_one_thread_does_what_never_waits() -> None:
    """Near servers keep the interpreter busy with one; the looks become rarer meanwhile."""
    work = Work(lasts=False)
    with working(work) as workers:
        for _ in workers.start(lambda _: 0):
            assert until(lambda: len(work.done) == MOST)
    assert len(work.threads) == 1


def test_threads_that_are_stuck_in_something_else_get_help() -> None:
    """What is no wait for a peer, and ends for none in the longest look, holds up nobody for long."""
    work = Work(lasts=True)
    with working(work) as workers:
        looks = workers.start(lambda _: 0)
        first = [next(looks)]
        assert until(lambda: len(work.threads) == 1)
        first += [next(looks) for _ in range(4)]
        assert first == [FIRST_LOOK, 0.002, 0.004, LAST_LOOK, FIRST_LOOK]
        assert until(lambda: len(work.threads) == 2)


def test_while_some_end_a_wait_must_be_long_to_count() -> None:
    """Servers that are near and busy with ours are not asked more at once; those that are far are."""
    asked: list[float] = []
    turn = threading.Semaphore(0)
    ended = threading.Event()

    def work(_: int) -> None:
        assert turn.acquire(timeout=20)
        ended.set()

    def waits_over(seconds: float) -> int:
        asked.append(seconds)
        return 1

    workers = Workers(work, range(MOST), MOST)
    looks = workers.start(waits_over)
    try:
        next(looks)
        turn.release()
        assert ended.wait(20)
        assert until(lambda: len(workers._ended) == 1)
        next(looks)
        next(looks)
        assert asked == [0.02, 0.0005]
    finally:
        turn.release(MOST)
        workers.join()


def test_useful_ones_come_one_by_one_though_all_are_busy() -> None:
    """What TLS does beside the interpreter's lock can use every processor; each longest look brings one more."""
    turn = threading.Semaphore(0)
    threads: set[int] = set()

    def work(_: int) -> None:
        threads.add(threading.get_ident())
        assert turn.acquire(timeout=20)

    workers = Workers(work, range(MOST), MOST, useful=3)
    try:
        for look, _ in zip(range(10), workers.start(lambda _: 0), strict=False):
            assert until(lambda: len(threads) == (1, 1, 1, 1, 2, 3, 3, 3, 3, 3)[look])  # noqa: B023 - called at once
            turn.release()  # so that none is stuck
            assert until(lambda: len(workers._ended) == look + 1)  # noqa: B023 - as above
    finally:
        turn.release(MOST)
        workers.join()
    assert len(threads) == 3
