"""The command line `wsconn`. Thin: it parses, calls the library, prints, and returns one of `ExitCode`."""

from wsconn._cli.exit_code import ExitCode
from wsconn._cli.main import main

__all__ = ["ExitCode", "main"]
