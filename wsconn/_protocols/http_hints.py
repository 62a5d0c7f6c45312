"""Headers of an answer that says no which tell why, or who gave it. No I/O.

None of them is a standard's but for the first few: they are those of servers, gateways and networks of delivery.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

_FIELDS = {
    "reject_reason": "x-websocket-reject-reason",
    "subprotocol": "sec-websocket-protocol",
    "websocket_versions": "sec-websocket-version",
    "login_challenge": "www-authenticate",  # RFC 9110, section 11.6.1
    "upgrade_to": "upgrade",  # RFC 9110, section 15.5.22
    "allowed_origin": "access-control-allow-origin",
}
# What their makers' manuals say that a check for bots answers with.
_BOT_CHECKS = ("cf-mitigated", "x-amzn-waf-action", "x-vercel-mitigated", "x-sucuri-block")
_GUARDS = {"x-iinfo": "Imperva", "x-datadome": "DataDome", "x-sucuri-id": "Sucuri"}  # these are in all their answers
_PROXY_ERRORS = ("x-squid-error", "proxy-status")
# `X-Error`, `X-Reject-Reason`, `X-Amzn-ErrorType`, and whatever else is named so.
_TELLS_WHY = (
    r"(?:[a-z0-9]+-)*(?:errors?|error-?(?:type|code|message|msg|description|reason)|reason|denied|rejected)"
    r"|grpc-message"
)
_LONGEST_NAME = 64  # characters of a header's name that is shown
_KNOWN = (*_FIELDS.values(), *_PROXY_ERRORS)


def hints(fields: Mapping[str, str], said: Callable[[str], str | None]) -> dict[str, Any]:
    """Return by the names of `Evidence` what headers tell; `said` gives a header's text fit to be shown."""
    told: dict[str, Any] = {name: said(header) for name, header in _FIELDS.items()}
    check = next((name for name in _BOT_CHECKS if name in fields), None)
    why = next((name for name in fields if _tells_why(name) and said(name)), None)
    return told | {
        "bot_check": said(check) if check else None,
        "bot_check_header": check,
        "guarded_by": next((maker for name, maker in _GUARDS.items() if name in fields), None),
        "proxy_error": next((error for name in _PROXY_ERRORS if (error := said(name))), None),
        "error_header": f"{why}: {said(why)}" if why else None,
    }


def _tells_why(name: str) -> bool:
    return len(name) <= _LONGEST_NAME and name not in _KNOWN and re.fullmatch(_TELLS_WHY, name) is not None
