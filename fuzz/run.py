"""Run the fuzzer: `python fuzz/run.py SECONDS [READER ...]`, each reader in turn for that long; without one, all.

It begins with what is kept in `tests/corpus`, works in `fuzz/.work`, and in the end adds the few inputs that reach what
nothing kept so far does. A crash stays in `fuzz/.work/<reader>/crashes`; the exit code is 1 then.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import re
import subprocess
import sys
from typing import TextIO

HERE = pathlib.Path(__file__).parent
KEPT = HERE.parent / "tests" / "corpus"
WORK = HERE / ".work"
LONGEST_KEPT_BYTES = 2000  # of an input that is kept: larger ones say nothing that a test does not
MOST_KEPT = 60  # of the inputs of a reader
LIMITS = ("-max_len=4096", "-timeout=20", "-rss_limit_mb=1500", f"-dict={HERE / 'words.dict'}")


def main() -> int:
    """Fuzz what the command line names; return the exit code."""
    readers = sorted(entry.name for entry in KEPT.iterdir() if entry.is_dir())
    parser = argparse.ArgumentParser(description="Let atheris speak to wsconn's readers.")
    parser.add_argument("seconds", type=int, help="for each reader")
    parser.add_argument("reader", nargs="*", help=f"some of {', '.join(readers)}; all where none is named")
    args = parser.parse_args()
    if strangers := set(args.reader) - set(readers):
        parser.error(f"no such reader: {', '.join(sorted(strangers))}")
    return max([fuzz(reader, args.seconds) for reader in args.reader or readers])


def fuzz(reader: str, seconds: int) -> int:
    """Fuzz one reader, say what came of it, keep what is new."""
    corpus, crashes = WORK / reader / "corpus", WORK / reader / "crashes"
    for directory in (corpus, crashes):
        directory.mkdir(parents=True, exist_ok=True)
    options = (*LIMITS, f"-max_total_time={seconds}", f"-artifact_prefix={crashes}/", "-print_final_stats=1")
    log = WORK / reader / "log"
    with log.open("w") as out:
        code = libfuzzer(reader, *options, str(corpus), str(KEPT / reader), out=out)
    told = log.read_text(errors="replace")
    runs = re.findall(r"#(\d+)\s+(?:INITED|DONE|NEW|REDUCE|pulse).* cov: (\d+) ft: (\d+) corp: (\d+)", told)
    if runs:
        (_, before, *_), (count, after, features, inputs) = runs[0], runs[-1]
        print(f"{reader}: {count} executions, coverage {before} -> {after}, {features} features, {inputs} inputs")
    if code:
        print(f"{reader}: FAILED, see {log} and {crashes}")
        return 1
    keep(reader, corpus)
    return 0


def keep(reader: str, corpus: pathlib.Path) -> None:
    """Add to what is kept the inputs that reach what it does not, the small ones first."""
    merged = WORK / reader / "merged"
    merged.mkdir(exist_ok=True)
    for old in merged.iterdir():
        old.unlink()
    with (WORK / reader / "merge-log").open("w") as out:
        libfuzzer(reader, "-merge=1", *LIMITS, str(merged), str(KEPT / reader), str(corpus), out=out)
    kept = {file.read_bytes() for file in (KEPT / reader).iterdir()}
    news = [
        file for file in sorted(merged.iterdir(), key=lambda file: file.stat().st_size) if file.read_bytes() not in kept
    ]
    news = [file for file in news if file.stat().st_size <= LONGEST_KEPT_BYTES][: MOST_KEPT - len(kept)]
    for file in news:
        (KEPT / reader / file.name[:12]).write_bytes(file.read_bytes())
    print(f"{reader}: {len(news)} inputs added to the {len(kept)} that were kept")


def libfuzzer(reader: str, *options: str, out: TextIO) -> int:
    """Run the target in a process of its own."""
    command = [sys.executable, str(HERE / "target.py"), reader, *options]
    path = f"{pathlib.Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"  # for its own processes
    return subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, env={**os.environ, "PATH": path}).returncode


if __name__ == "__main__":
    sys.exit(main())
