"""Faults changed by HTTP, for tests in other languages.

    GET    /regions            {"eu": {"url": "ws://127.0.0.1:40001/", "fault": "healthy"}, ...}
    GET    /regions/eu         {"url": "ws://127.0.0.1:40001/", "fault": "healthy"}
    PUT    /regions/eu         {"fault": "http-503"}, or {"fault": "http-503", "existing": "keep"}
    DELETE /regions/eu         takes back what was put; /regions: of all regions
    GET    /faults             what can be put

Who can connect may change anything, so it listens on loopback, and what a browser sends for a page is refused.
"""

from wsconn.lab._control.serving import controlling, described

__all__ = ["controlling", "described"]
