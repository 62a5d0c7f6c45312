#!/bin/sh
# Guess: OpenTelemetry's exporter in Python fails, or at least logs something, if a collector rejects all spans
#   (`partial_success`, with HTTP 200), or if a page in HTML answers in a collector's place.
# Behaviour: both are `SpanExportResult.SUCCESS`, and nothing is logged at any level: an answer's body is not read.
# Seen on 2026-11-28 with opentelemetry-sdk and opentelemetry-exporter-otlp-proto-http 1.45.2, Python 3.11.
# It means: traces that are missing behind a full backend, or a captive portal, were exported with success as far as the
#   program that made them can tell. OTLP's specification has a client look at `partial_success`.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/python -m pip install -qq --disable-pip-version-check \
  opentelemetry-sdk==1.45.2 opentelemetry-exporter-otlp-proto-http==1.45.2 2>/dev/null
cat >find.py <<'END'
import http.server, logging, sys, threading
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess, ExportTraceServiceResponse)
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

rejected = ExportTracePartialSuccess(rejected_spans=1, error_message="the quota is used up")
ANSWERS = {
    "/rejects": ("application/x-protobuf", ExportTraceServiceResponse(partial_success=rejected).SerializeToString()),
    "/page": ("text/html", b"<html>Please log in to this network</html>"),
}

class Collector(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        kind, body = ANSWERS[self.path]
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass

class Noted(OTLPSpanExporter):
    def export(self, spans):
        logged.clear()
        self.result = super().export(spans)
        return self.result

class Logged(logging.Handler):
    def emit(self, record): logged.append(record)

logged = []
logging.getLogger("opentelemetry").addHandler(Logged())
logging.getLogger("opentelemetry").setLevel(logging.DEBUG)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
threading.Thread(target=server.serve_forever, daemon=True).start()
for name, path in (("rejects all spans", "/rejects"), ("is a page in HTML", "/page")):
    exporter = Noted(endpoint=f"http://127.0.0.1:{server.server_port}{path}")
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with provider.get_tracer("find").start_as_current_span("span"):
        pass
    print(f"it {name}: {exporter.result.name}, {len(logged)} log entries")
END
timeout 60 python/bin/python find.py >seen

echo "One would guess: FAILURE, or a log entry, for both."
echo "What happens (opentelemetry-exporter-otlp-proto-http 1.45.2):"
cat seen
cat >expected <<'END'
it rejects all spans: SUCCESS, 0 log entries
it is a page in HTML: SUCCESS, 0 log entries
END
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
