"""What the exporter works by, where that is read from, and whether it has changed there.

A file that has become unfit is refused: the exporter goes on by what it had, and says so.
"""

from __future__ import annotations

import logging
import pathlib
import threading
import time
from collections.abc import Callable, Mapping

import attrs

from wsconn._exceptions import InvalidRegionError
from wsconn._regions import Region
from wsconn._run.handle import ConnectivityTest
from wsconn.fleet._exporter.modules import DEFAULT, Module, load_modules
from wsconn.fleet._exporter.probing import Arguments, Prober

_log = logging.getLogger("wsconn.fleet")
_Seen = tuple[tuple[int, int, int] | None, ...]  # what tells a file from another one of its name


@attrs.frozen
class Settings:
    """The regions, and what probes by each module: always of one reading."""

    regions: tuple[Region, ...]
    probers: Mapping[str, Prober]


@attrs.frozen
class Reload:
    """How the last reading went: whether well, since when the settings hold, and what was wrong, in words."""

    successful: bool
    loaded_at: float  # seconds since 1970
    wrong: str | None = None


class Configuration:
    """The settings, read from `regions` and the file of modules now, and again at each `reload`.

    `files` are those that are looked at for a change.
    """

    def __init__(
        self,
        regions: Callable[[], tuple[Region, ...]],
        arguments: Arguments,
        *,
        modules: pathlib.Path | None,
        files: tuple[pathlib.Path, ...],
    ) -> None:
        self._regions = regions
        self._modules = modules
        self._arguments = arguments
        self._files = files if modules is None else (*files, modules)
        self._reading = threading.Lock()  # guards the four below while they are read anew
        self._seen = self._look()
        self.settings = self._read()
        self.last = Reload(successful=True, loaded_at=time.time())
        self._old: list[Prober] = []  # a probe may still use them

    def start(self) -> ConnectivityTest:
        """Begin a check of all regions."""
        return self._arguments.start(self.settings.regions)

    def is_changed(self) -> bool:
        """Tell whether a file is another one than at the last reading, good or bad."""
        return self._look() != self._seen

    def reload(self) -> bool:
        """Read everything anew, and tell whether it was fit. What was there before goes on, where it was not."""
        with self._reading:
            self._seen = self._look()  # before reading: a change meanwhile is seen later
            try:
                self._check_files()
                settings = self._read()
            except Exception as error:  # noqa: BLE001 - whatever it is, a running exporter goes on by what it had
                self.last = attrs.evolve(self.last, successful=False, wrong=str(error))
                _log.warning("not reloaded, the settings before go on: %s", error)
                return False
            self._let_go()
            self._old += self.settings.probers.values()
            self.settings = settings
            self.last = Reload(successful=True, loaded_at=time.time())
            _log.info("reloaded: %d regions, %d modules", len(settings.regions), len(settings.probers))
            return True

    def join(self) -> None:
        """Wait for what was loaded in the background, once no probe is under way any more."""
        self._let_go()
        for prober in self.settings.probers.values():
            prober.join()

    def _check_files(self) -> None:
        """Refuse what reading might never end of: a pipe in the file's place would hold the rounds for good."""
        for file in self._files:
            if file.exists() and not file.is_file():
                raise InvalidRegionError(f"{file}: is no ordinary file any more")

    def _let_go(self) -> None:
        """Wait for what was loaded for settings that are not used any more: long ago, mostly."""
        for prober in self._old:
            prober.join()
        self._old.clear()

    def _read(self) -> Settings:
        regions = self._regions()
        return Settings(regions, {name: self._prober(module, regions) for name, module in self._known().items()})

    def _known(self) -> Mapping[str, Module]:
        return {DEFAULT: Module(name=DEFAULT)} | ({} if self._modules is None else load_modules(self._modules))

    def _prober(self, module: Module, regions: tuple[Region, ...]) -> Prober:
        try:
            return self._arguments.prober(module, regions)
        except ValueError as error:
            if not module.settings:  # what is wrong is an argument of ours
                raise
            raise InvalidRegionError(f"{self._modules}: modules.{module.name}: {error}") from None

    def _look(self) -> _Seen:
        return tuple(map(_stamp, self._files))


def _stamp(file: pathlib.Path) -> tuple[int, int, int] | None:
    try:
        seen = file.stat()
    except OSError:
        return None
    return seen.st_mtime_ns, seen.st_size, seen.st_ino
