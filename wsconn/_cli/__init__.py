"""The command line `wsconn`. Thin: it parses, calls the library, prints, and returns one of `ExitCode`."""

from wsconn._cli._exit_code import ExitCode
from wsconn._cli._main import main

__all__ = ["ExitCode", "main"]
