"""What a command raises for what was asked of it in the wrong way."""

from __future__ import annotations


class UseError(Exception):
    """An error of use: what is wrong, in one line, and what to try, where there is better than `--help`.

    Nothing was tested.
    """

    def __init__(self, wrong: str, to_try: str | None = None) -> None:
        super().__init__(wrong)
        self.to_try = to_try


def missing(error: ImportError) -> UseError:
    """Return an `ImportError` of wsconn's, which ends with an install line, as an error of use."""
    wrong, _, to_try = str(error).partition(": ")
    return UseError(wrong, to_try or None)
