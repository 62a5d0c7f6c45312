"""Tells PyInstaller, which asks by an entry point, where the hook is that it needs to pack a program with wsconn."""

from __future__ import annotations

import pathlib


def hook_dirs() -> list[str]:
    """Return the folder of the hook, which is no package: its name, by PyInstaller's rule, cannot be a module's."""
    return [str(pathlib.Path(__file__).with_name("pyinstaller_hooks"))]
