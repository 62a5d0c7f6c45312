"""Where reports are: in files, in folders, on stdin; one in a file, or many, one after the other.

A report begins on a line with a brace in its first column: what `to_json` writes is cut there, indented or a line each,
and so is what `cat` makes of many files. A report that was cut short (a machine lost its power) ends where the next one
begins. Nothing is held but one report.
"""

from __future__ import annotations

import codecs
import io
import os
import pathlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

from wsconn._text import sanitize

SUFFIXES = (".json", ".jsonl", ".ndjson")  # in a folder; a file that is named may be called anything
_AT_ONCE = 1 << 18  # bytes
_NEXT = b"\n{"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # what Windows PowerShell's `>` writes

Chunk = tuple[str, bytes]  # where a report is, in words, and its text; one byte more than the most if it is longer


def files_in(folder: pathlib.Path) -> Iterator[pathlib.Path]:
    """Yield the files of reports in a folder and the folders in it, in order; links are not followed.

    A folder that cannot be read is yielded itself: reading it says why. `os.walk` would pass over it in silence, and
    in Python 3.11 it recurses, which a thousand folders in one another end.
    """
    waiting = [folder]
    while waiting:
        base = waiting.pop()
        try:
            with os.scandir(base) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError:
            yield base
            continue
        yield from (pathlib.Path(entry.path) for entry in entries if _is_report(entry))
        waiting += [pathlib.Path(entry.path) for entry in reversed(entries) if entry.is_dir(follow_symlinks=False)]


def _is_report(entry: os.DirEntry[str]) -> bool:
    is_named = not entry.name.startswith(".") and pathlib.PurePath(entry.name).suffix.lower() in SUFFIXES
    return is_named and entry.is_file(follow_symlinks=False)


def reports_in(path: pathlib.Path, most: int) -> Iterator[Chunk]:
    """Yield what a file holds. `OSError` where it cannot be read."""
    with path.open("rb") as file:
        yield from reports_from(file, str(path), most)


def reports_from(file: BinaryIO, name: str, most: int) -> Iterator[Chunk]:
    """Yield what a stream holds; where there are several reports the line says which one it is."""
    name = sanitize(name)
    found = _documents(_blocks(file), most)
    first = next(found, None)
    second = next(found, None)
    if first is None:
        yield name, b""
    elif second is None:
        yield name, first[1]
    else:
        for line, text in (first, second):
            yield f"{name}:{line}", text
        for line, text in found:
            yield f"{name}:{line}", text


def _blocks(file: BinaryIO) -> Callable[[], bytes]:
    """Return what reads the next part of a stream, in UTF-8."""
    buffered = file if isinstance(file, io.BufferedReader) else io.BufferedReader(file)  # type: ignore[type-var]  # any
    if buffered.peek(2)[:2] in _UTF16:
        text = io.TextIOWrapper(buffered, encoding="utf-16", errors="replace", newline="")
        return lambda: text.read(_AT_ONCE).encode()
    if buffered.peek(3)[:3] == codecs.BOM_UTF8:
        buffered.read(3)
    return lambda: buffered.read1(_AT_ONCE)


def _documents(read: Callable[[], bytes], most: int) -> Iterator[tuple[int, bytes]]:
    """Yield each document and the line that it begins on."""
    held, line = b"", 1
    while block := read():
        start, sought = 0, max(len(held) - 1, 0)  # the line's end may be the last that was read
        held += block
        while (end := held.find(_NEXT, sought) + 1) > 0:
            document = held[start:end]
            yield from _document(document, line, most)
            line += document.count(b"\n")
            start = sought = end
        held = held[start:]
        if len(held) > most:  # its end is not looked for in what is left out, but for the line that it may be
            line += held.count(b"\n", most + 1, len(held) - 1)
            held = held[: most + 1] + held[-1:]
    yield from _document(held, line, most)


def _document(text: bytes, line: int, most: int) -> Iterator[tuple[int, bytes]]:
    if begun := text.lstrip():
        yield line + text.count(b"\n", 0, len(text) - len(begun)), begun[: most + 1]
