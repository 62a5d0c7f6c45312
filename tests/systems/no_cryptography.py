"""A plugin for pytest, for a Python that cryptography has no release for: a test that makes certificates is skipped.

Only what is called is missed: what a module imports, and names as a type, is there, so that the tests beside it run.
Skipping reaches neither threads nor other processes, so tests that make certificates there are named here.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Sequence

import pytest

_MISSING = {"cryptography", "trustme"}
_REASON = "makes certificates, and cryptography has no release for this Python"
_ELSEWHERE = {  # makes them in a thread, or has a lab in a process of its own
    "test_a_process_that_stood_still_looks_again",
    "test_deep_json_at_the_control_of_a_lab",
    "test_many_threads_start_tests_at_once",
    "test_no_descriptors_left",
    "test_the_process_ends_after_an_abort",
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


def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Skip the tests that make certificates elsewhere."""
    for item in items:
        if getattr(item, "originalname", "") in _ELSEWHERE:
            item.add_marker(pytest.mark.skip(reason=_REASON))


sys.meta_path.append(_Finder())
