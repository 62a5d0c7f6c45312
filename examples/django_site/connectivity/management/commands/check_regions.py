"""`python manage.py check_regions`: which regions can this server reach?"""

from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

import wsconn


class Command(BaseCommand):
    help = "Test which regions this server can open a WebSocket to."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--timeout",
            type=float,
            default=5.0,
            help="seconds that a region may take (default: 5)",
        )

    def handle(self, *_args: object, timeout: float, **_options: object) -> None:
        try:
            result = wsconn.check(settings.WSCONN_REGIONS, timeout=timeout)
        except (
            ValueError,
            OSError,
        ) as error:  # the regions, their file, or the timeout
            raise CommandError(str(error)) from error
        for outcome in result.outcomes:
            seen = outcome.failure.message if outcome.failure else ""
            self.stdout.write(f"{outcome.status:<8}{outcome.region:<16}{seen}")
        if result.result == "failed":
            raise CommandError("no region can be reached")
        self.stdout.write(self.style.SUCCESS(str(result.result)))
