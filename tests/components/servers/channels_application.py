"""Django's `channels` as its tutorial has it, for the pages of one host. daphne serves it."""

from __future__ import annotations

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.security.websocket import OriginValidator
from django.conf import settings

settings.configure()
application = OriginValidator(AsyncWebsocketConsumer.as_asgi(), ["https://page.example"])
