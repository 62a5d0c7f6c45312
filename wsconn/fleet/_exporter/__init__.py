"""The exporter: rounds of checks on a schedule of its own, and what Prometheus and people ask of it over HTTP."""
