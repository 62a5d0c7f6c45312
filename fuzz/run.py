"""Run the fuzzer: `python fuzz/run.py SECONDS [MOUTH ...]`, each mouth in turn for that long; without one, all.

It begins with what is kept in `tests/corpus`, works in `fuzz/.work`, and in the end adds the few inputs that reach what
nothing kept so far does. A crash stays in `fuzz/.work/<mouth>/crashes`; the exit code is 1 then.
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
MOST_KEPT = 60  # of the inputs of a mouth
LIMITS = ("-max_len=4096", "-timeout=20", "-rss_limit_mb=1500", f"-dict={HERE / 'words.dict'}")


def main() -> int:
    """Fuzz what the command line names; return the exit code."""
    mouths = sorted(entry.name for entry in KEPT.iterdir() if entry.is_dir())
    parser = argparse.ArgumentParser(description="Let atheris speak to wsconn's mouths.")
    parser.add_argument("seconds", type=int, help="for each mouth")
    parser.add_argument("mouth", nargs="*", help=f"some of {', '.join(mouths)}; all where none is named")
    args = parser.parse_args()
    if strangers := set(args.mouth) - set(mouths):
        parser.error(f"no such mouth: {', '.join(sorted(strangers))}")
    return max([fuzz(mouth, args.seconds) for mouth in args.mouth or mouths])


def fuzz(mouth: str, seconds: int) -> int:
    """Fuzz one mouth, say what came of it, keep what is new."""
    corpus, crashes = WORK / mouth / "corpus", WORK / mouth / "crashes"
    for directory in (corpus, crashes):
        directory.mkdir(parents=True, exist_ok=True)
    options = (*LIMITS, f"-max_total_time={seconds}", f"-artifact_prefix={crashes}/", "-print_final_stats=1")
    log = WORK / mouth / "log"
    with log.open("w") as out:
        code = libfuzzer(mouth, *options, str(corpus), str(KEPT / mouth), out=out)
    told = log.read_text(errors="replace")
    runs = re.findall(r"#(\d+)\s+(?:INITED|DONE|NEW|REDUCE|pulse).* cov: (\d+) ft: (\d+) corp: (\d+)", told)
    if runs:
        (_, before, *_), (count, after, features, inputs) = runs[0], runs[-1]
        print(f"{mouth}: {count} executions, coverage {before} -> {after}, {features} features, {inputs} inputs")
    if code:
        print(f"{mouth}: FAILED, see {log} and {crashes}")
        return 1
    keep(mouth, corpus)
    return 0


def keep(mouth: str, corpus: pathlib.Path) -> None:
    """Add to what is kept the inputs that reach what it does not, the small ones first."""
    merged = WORK / mouth / "merged"
    merged.mkdir(exist_ok=True)
    for old in merged.iterdir():
        old.unlink()
    with (WORK / mouth / "merge-log").open("w") as out:
        libfuzzer(mouth, "-merge=1", *LIMITS, str(merged), str(KEPT / mouth), str(corpus), out=out)
    kept = {file.read_bytes() for file in (KEPT / mouth).iterdir()}
    news = [
        file for file in sorted(merged.iterdir(), key=lambda file: file.stat().st_size) if file.read_bytes() not in kept
    ]
    news = [file for file in news if file.stat().st_size <= LONGEST_KEPT_BYTES][: MOST_KEPT - len(kept)]
    for file in news:
        (KEPT / mouth / file.name[:12]).write_bytes(file.read_bytes())
    print(f"{mouth}: {len(news)} inputs added to the {len(kept)} that were kept")


def libfuzzer(mouth: str, *options: str, out: TextIO) -> int:
    """Run the target in a process of its own."""
    command = [sys.executable, str(HERE / "target.py"), mouth, *options]
    path = f"{pathlib.Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"  # for its own processes
    return subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, env={**os.environ, "PATH": path}).returncode


if __name__ == "__main__":
    sys.exit(main())
