"""Results for OpenTelemetry: a trace and metrics of each, sent to a collector by OTLP over HTTP."""
