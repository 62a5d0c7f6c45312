"""A plugin for pytest, for a Python that cryptography has no release for: a test that makes certificates is skipped.

Only what is called is missed: what a module imports, and names as a type, is there, so that the tests beside it run.
Skipping reaches neither threads nor other processes, so tests that make certificates there are named here. A file that
imports something else that has no release is skipped as a whole, with the reason.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import pathlib
import re
import sys
import types
from collections.abc import Iterable, Sequence

import pytest

_MISSING = {"cryptography", "trustme"}
_REASON = "makes certificates, and cryptography has no release for this Python"
_ELSEWHERE = {  # makes them in a thread, or has a lab in a process of its own
    "test_a_process_that_stood_still_looks_again",
    "test_ctrl_c_in_the_demo_shows_what_is_known",
    "test_deep_json_at_the_control_of_a_lab",
    "test_demo_shows_what_it_set_up",
    "test_demo_tells_a_surprise",
    "test_each_module_imports_alone",
    "test_floods_of_every_kind_at_once",
    "test_many_threads_start_tests_at_once",
    "test_no_descriptors_left",
    "test_says_what_to_install",
    "test_stdout_that_is_closed_loses_no_report_in_silence",
    "test_the_process_ends_after_an_abort",
    "test_what_a_proxy_answers",
    "test_without_the_lab_there_is_its_install_line",
}
_FILES = {  # which others do that in nearly all of their tests, or what they need beside it
    "tests/cli/test_lab_and_explain.py": _REASON,
    "tests/cli/test_lab_control.py": _REASON,
    "tests/endurance/test_endurance.py": _REASON,
    "tests/test_benchmarks.py": _REASON,
    "tests/cli/test_proxy.py": "asks PAC files, and quickjs-ng has no release for this Python",
    "tests/probe/test_pac.py": "asks PAC files, and quickjs-ng has no release for this Python",
    "tests/probe/test_proxy_logins.py": "has a proxy that takes NTLM, and pyspnego needs cryptography",
    "tests/test_package.py": "needs build, which is not among what the free-threaded Python is given",
    "tests/typing/test_typing.py": "needs type checkers, which are not among what the free-threaded Python is given",
}


class _Absent(type):
    """A class of which nothing can be made, nor anything asked."""

    def __call__(cls, *_: object, **__: object) -> object:
        pytest.skip(_REASON, allow_module_level=True)

    def __getattr__(cls, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Absent(name, (), {})


class _Module(types.ModuleType):
    __path__: Sequence[str] = []

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Absent(name, (), {})


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name: str, *_: object) -> importlib.machinery.ModuleSpec | None:
        return importlib.machinery.ModuleSpec(name, self) if name.partition(".")[0] in _MISSING else None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        pass


class _File(pytest.Module):
    """A file of tests that is skipped where it imports what is not there."""

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        try:
            return super().collect()
        except pytest.Collector.CollectError as error:
            missing = re.search(r"No module named '([\w.]+)'", str(error))
            if missing is None:
                raise
            pytest.skip(f"needs {missing[1]}, which is not there", allow_module_level=True)


def pytest_pycollect_makemodule(module_path: pathlib.Path, parent: pytest.Collector) -> pytest.Module:
    """Collect each file so."""
    return _File.from_parent(parent, path=module_path)


def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Skip the tests that make certificates elsewhere, and the files that are named."""
    for item in items:
        why = _FILES.get(item.nodeid.partition("::")[0])
        if why or getattr(item, "originalname", "") in _ELSEWHERE:
            item.add_marker(pytest.mark.skip(reason=why or _REASON))


sys.meta_path.append(_Finder())
