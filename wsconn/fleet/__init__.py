"""Many machines, one picture: what checks on several hosts and over time say together."""

from wsconn.fleet._engines.answers import Absence, HostAnswer
from wsconn.fleet._engines.handle import FleetTest
from wsconn.fleet._everywhere import check_everywhere, start_everywhere

__all__ = ["Absence", "FleetTest", "HostAnswer", "check_everywhere", "start_everywhere"]
