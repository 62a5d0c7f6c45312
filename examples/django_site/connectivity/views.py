"""Whether this server reaches the regions. Nothing here is about the visitor's network."""

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

import wsconn

KEPT_SECONDS = 30  # who asks more often gets the last answer: each test opens a connection to every region
KEY = "wsconn.region_health"


@require_safe
def region_health(_request: HttpRequest) -> JsonResponse:
    """Answer 200 where calls will work, 503 where none will, each with daily-js' object."""
    told = cache.get(KEY)
    if told is None:
        told = wsconn.check(settings.WSCONN_REGIONS, timeout=3, total_timeout=4).to_dict()
        cache.set(KEY, told, KEPT_SECONDS)
    return JsonResponse(told, status=503 if told["result"] == "failed" else 200)
