"""What a PAC file that was not used has to do with a failure: browsers here may go another way."""

from __future__ import annotations

from wsconn._diagnosis.causes.words import install, pac_file
from wsconn._outcome import Cause, Evidence, Stage
from wsconn._proxies import SYSTEM
from wsconn._text import value

_OK, _WANTS_LOGIN = 200, 401
_PAGES = ("text/html", "application/xhtml+xml")
_NOT_THERE = (Stage.RESOLVE, Stage.CONNECT)  # where a way through a proxy would have been another


def with_pac(cause: Cause, seen: Evidence, advice: str) -> str:
    """Return advice with what is to be done about the PAC file first, or at its end."""
    is_elsewhere = seen.stage in _NOT_THERE and cause not in (Cause.LOCAL_LIMIT, Cause.INTERNAL_ERROR)
    if seen.pac_tried and is_elsewhere:
        return (
            f"First ask the network's administrator about {' and '.join(map(value, seen.pac_tried))}, which"
            f" {pac_file(seen)} names before this way and which opened none. If this way is meant: {advice}"
        )
    if not seen.pac_problem:
        return advice
    if seen.pac_missing_extra:
        needed = install(seen.pac_missing_extra)
        if is_elsewhere:
            return (
                f"First have {pac_file(seen)} read, which may lead through a proxy: {needed}, and test again. If it"
                f" fails then too: {advice}"
            )
        return f"{advice} And have {pac_file(seen)} read, as browsers do: {needed}."
    if not is_elsewhere:
        return advice
    return (
        f"First {_mend(seen)}. Browsers that loaded it before may go through a proxy, and wsconn did not. Or name the"
        f" proxy itself: proxy, at the command line --proxy. If none is needed: {advice}"
    )


def _mend(seen: Evidence) -> str:
    """Say who can do what about the file."""
    file = pac_file(seen)
    if (seen.pac or "").startswith("file:"):
        return f"correct {file}, which is on this machine, or the setting that names it"
    if seen.pac_http_status == _WANTS_LOGIN:
        return f"get {file} with a browser, since its server wants a login, and name the copy: pac+file:///PATH"
    if seen.pac_http_status == _OK and seen.pac_media_type in _PAGES:
        return (
            f"open {value(seen.pac)} in a browser: a web page came in place of {file}, as from a network that wants a"
            " login, or from a wrong address"
        )
    is_own = seen.pac_source and seen.pac_source != SYSTEM
    return f"have the network's administrator correct {file}{', or correct that setting' if is_own else ''}"
