"""What machines show together: the record of a finding, with its facts as fields and its sentence made from them."""

from __future__ import annotations

import enum
from datetime import datetime

import attrs

from wsconn._text import plain


class FindingKind(enum.StrEnum):
    """What a finding across machines is, in the order in which they are told: the weightiest first."""

    NOTHING = "nothing"
    PASSED = "passed"
    REGION_SINCE = "region_since"
    REGION_ALWAYS = "region_always"
    REGION_EVERYWHERE = "region_everywhere"
    GROUP_ALONE = "group_alone"
    REGION_PARTLY = "region_partly"
    HOST_ALONE = "host_alone"
    CLOCK = "clock"
    SILENT_SITE = "silent_site"
    SCATTERED = "scattered"
    SILENT = "silent"
    CLOCK_AHEAD = "clock_ahead"
    RECOVERED = "recovered"
    AT_TIMES = "at_times"


class Suspect(enum.StrEnum):
    """Who or what most likely is at fault."""

    SERVICE = "service"
    NETWORK = "network"
    GROUP = "group"
    MACHINE = "machine"
    CLOCK = "clock"


@attrs.frozen(kw_only=True)
class FleetFinding:
    """A finding across machines.

    Attributes:
        kind: Which rule has found it.
        suspect: Who most likely is at fault; `None` where that cannot be told.
        hosts: The machines that it is about, each with its site if another has the same name.
        of_hosts: Of how many it could have been.
        sites: Their sites.
        regions: The regions that it is about.
        group: What these machines have in common and no other has: `site`, a label, `system` or `wsconn`, and which.
        elsewhere: Of other machines, how many fail there too.
        stage, cause, http_status, signer, proxy, name_server: How they fail, where it is the same for all, or for most.
        mostly: Whether it is so for most alone.
        since: When it began; `until` when it ended.
        by_clocks: Whether it rests on what the machines' clocks say, which nobody has compared.
        marked: The sentence, with the values in it marked.
    """

    kind: FindingKind
    suspect: Suspect | None = None
    hosts: tuple[str, ...] = ()
    of_hosts: int = 0
    sites: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    group: tuple[str, str] | None = None
    elsewhere: int = 0
    stage: str | None = None
    cause: str | None = None
    http_status: int | None = None
    signer: str | None = None
    proxy: str | None = None
    name_server: str | None = None
    mostly: bool = False
    since: datetime | None = None
    until: datetime | None = None
    by_clocks: bool = False
    marked: str = ""

    @property
    def sentence(self) -> str:
        """The finding in words."""
        return plain(self.marked)
