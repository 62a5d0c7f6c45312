"""Say which regions this machine can reach, and of the others why not.

    python plain.py regions.toml

Without a file: the regions that WSCONN_REGIONS names, or else the catalogue "daily".
"""

import sys

import wsconn

try:
    result = wsconn.check(sys.argv[1] if len(sys.argv) > 1 else None, timeout=5)
except (OSError, ValueError) as error:  # no such file, or nothing fit in it
    print(f"plain.py: {error}", file=sys.stderr)
    sys.exit(2)

for outcome in result.outcomes:
    print(f"{outcome.status:<8}{outcome.region}")
    if outcome.failure:
        print(f"        {outcome.failure.message}")
        print(f"        {outcome.failure.advice}")

fastest = result.fastest()
if fastest:
    print(f"{result.result}: the fastest region is {fastest.region}")
else:
    print(result.result)

sys.exit(1 if result.result == "failed" else 0)
