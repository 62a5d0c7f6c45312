"""Whether this server reaches the regions; the visitor's network is another matter."""

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

import wsconn

# Who asks more often gets the last answer: a test opens a connection to every region.
KEPT_SECONDS = 30
KEY = "wsconn.region_health"


@require_safe
def region_health(_request: HttpRequest) -> JsonResponse:
    """Answer with daily-js' object: 200 where a region passed, 503 where none did."""
    told = cache.get(KEY)
    if told is None:
        told = wsconn.check(
            settings.WSCONN_REGIONS, timeout=3, total_timeout=4
        ).to_dict()
        cache.set(KEY, told, KEPT_SECONDS)
    return JsonResponse(told, status=503 if told["result"] == "failed" else 200)
