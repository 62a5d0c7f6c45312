vcl 4.1;

backend healthy {
    .host = "127.0.0.1";
    .port = "@upstream@";
}
backend dead {
    .host = "127.0.0.1";
    .port = "@dead@";
}
sub vcl_recv {
    if (req.url == "/dead") {
        set req.backend_hint = dead;
    }
    if (req.http.Upgrade ~ "(?i)websocket" && req.url == "/passed-on") {
        return (pipe);
    }
}
sub vcl_pipe {
    set bereq.http.Upgrade = req.http.Upgrade;
    set bereq.http.Connection = req.http.Connection;
}
