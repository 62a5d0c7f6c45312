#!/bin/sh
# A gate before a job that needs the regions: it fails where none can be reached.
# It leaves a report either way.
#
#     ci_gate.sh regions.toml
set -u
report=regions-report.md
rm -f "$report"
regions=${1:?usage: ci_gate.sh FILE-OF-REGIONS}

code=0
wsconn check --regions "$regions" --timeout 20 --fail-on failed \
    --format markdown --output "$report" || code=$?

if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -f "$report" ]; then
    cat "$report" >>"$GITHUB_STEP_SUMMARY"
fi
exit "$code"
