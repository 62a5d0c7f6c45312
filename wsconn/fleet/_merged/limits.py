"""How much of everything a fleet may have. Reports are anybody's: without these they could fill the memory."""

LAST = 100  # rounds of each machine, where nobody says otherwise
MOST_LAST = 100_000
MOST_HOSTS = 200_000
MOST_REGIONS = 1000  # of a report, and of a fleet
MOST_NAMES = 10 * MOST_REGIONS  # of regions while reports are read: the fleet keeps those that are named most
MOST_CELLS = 50_000_000  # of all rows that differ: 400 MB
MOST_BYTES = 4 * 1024 * 1024  # of a report; 500 regions that all fail have 3 MB
MOST_LABELS = 32
MOST_LEFT_OUT = 100  # reports that could not be read, one by one
