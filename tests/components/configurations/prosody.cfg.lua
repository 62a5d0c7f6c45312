daemonize = false
run_as_root = true
certificates = "@folder@"
data_path = "@folder@"
pidfile = "@folder@/prosody.pid"
modules_enabled = { "websocket" }
modules_disabled = { "s2s", "s2s_auth_certs" }
http_interfaces = { "127.0.0.1" }
http_ports = { @port@ }
https_ports = { }
c2s_ports = { }
s2s_ports = { }
log = { { levels = { min = "warn" }, to = "console" } }
http_default_host = "localhost"
VirtualHost "localhost"
