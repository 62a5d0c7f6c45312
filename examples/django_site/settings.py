"""The least that a site needs to have the command and the view."""

import os

SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "for this example only")
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "urls"
INSTALLED_APPS = ["connectivity"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

WSCONN_REGIONS = os.environ.get("WSCONN_REGIONS", "daily")
