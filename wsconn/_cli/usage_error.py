"""What a command raises when it was called in the wrong way."""

from __future__ import annotations

from collections.abc import Iterable

_NEAR = 2 / 3  # of the letters, in their order: `fmt` is near `format`, and `output` is not near `otlp`
_MARKS = "'\"`\u2018\u2019\u201a\u201c\u201d\u201e\u00ab"


class UsageError(Exception):
    """A usage error: what is wrong, in one line, and what to try, where there is better than `--help`.

    Nothing was tested.
    """

    def __init__(self, wrong: str, to_try: str | None = None) -> None:
        super().__init__(wrong)
        self.to_try = to_try


def missing_extra(what: str, extra: str, error: ImportError) -> UsageError:
    """Return an error for `what` needs an extra that is not installed."""
    return UsageError(f"{what} needs {error.name}", f'pip install "wsconn[{extra}]"')


def near(word: str, words: Iterable[str], before: str = "") -> str | None:
    """Return those of `words` that `word` may be a misspelling of, as something to try, or `None`."""
    import difflib  # here: nobody has misspelt anything yet

    found = difflib.get_close_matches(word.lower(), list(words), n=3, cutoff=_NEAR)
    return " or ".join(before + match for match in found) or None


def refuse_quotation_mark(argument: str) -> None:
    """Raise `UsageError` for an argument that begins with a quotation mark: not every shell takes each for one."""
    if argument[:1] and argument[0] in _MARKS:
        raise UsageError(
            f"the quotation mark {argument[0]} was passed on by the shell as part of an argument",
            'the argument without it, or with " around it',
        )
