"""A result in words, for a person or a program: pure functions of a `ConnectivityResult`, one format a file.

    import wsconn
    from wsconn import reports

    result = wsconn.check(regions)
    print(reports.to_text(result))

Whatever a record holds comes out escaped, as the format wants it.
"""

import typing as _typing

from wsconn.reports import _formats

if _typing.TYPE_CHECKING:
    from wsconn.reports._analysis.findings import findings
    from wsconn.reports._formats import *  # noqa: F403 - the function of each row of the table
    from wsconn.reports._from_json import from_json
    from wsconn.reports._machine import Machine, this_machine
    from wsconn.reports._signs import ASCII_SIGNS, SIGNS, Signs
else:

    def __getattr__(name: str) -> object:
        """Load what a name stands for when it is first used: few programs use more than one of them."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from wsconn._io.importing import undisturbed

        undisturbed(lambda: globals().update({name: _load(name)}))
        return globals()[name]

    def _load(name: str) -> object:
        match name:
            case "findings":
                from wsconn.reports._analysis.findings import findings

                return findings
            case "from_json":
                from wsconn.reports._from_json import from_json

                return from_json
            case "Machine" | "this_machine":
                from wsconn.reports import _machine

                return getattr(_machine, name)
            case "ASCII_SIGNS" | "SIGNS" | "Signs":
                from wsconn.reports import _signs

                return getattr(_signs, name)
            case _:
                return _formats.FORMATS[name.removeprefix("to_")].load()

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})


__all__ = [
    "ASCII_SIGNS",
    "SIGNS",
    "Machine",
    "Signs",
    "findings",
    "from_json",
    "this_machine",
]
__all__ += _formats.__all__
