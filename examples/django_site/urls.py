"""One address: /health/regions."""

from connectivity.views import region_health
from django.urls import path

urlpatterns = [path("health/regions", region_health)]
