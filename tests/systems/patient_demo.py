"""`wsconn demo`, with so many seconds for each region: an emulated processor, or a busy machine, may need more.

python tests/systems/patient_demo.py SECONDS
"""

from __future__ import annotations

import sys

from wsconn._cli import main
from wsconn._cli.commands import demo

demo._TIMEOUT_SECONDS = float(sys.argv[1])

sys.exit(main(["demo", "--quiet"]))
