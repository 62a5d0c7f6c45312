// npm's `ws`: `ws_server.cjs PORT TLS [CERTIFICATE KEY]`.
"use strict";
const fs = require("fs");
const http = require("http");
const https = require("https");
const { WebSocketServer } = require("ws");

const [port, tls, certificate, key] = process.argv.slice(2);
const version = `TLSv${tls}`;
const server = tls
  ? https.createServer({
      cert: fs.readFileSync(certificate),
      key: fs.readFileSync(key),
      minVersion: version,
      maxVersion: version,
    })
  : http.createServer();
const verifyClient = ({ req }, done) => done(req.url !== "/refused", 403);

new WebSocketServer({ server, verifyClient }).on("connection", (socket, request) => {
  socket.on("error", () => socket.terminate());
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  if (request.url === "/closing") socket.close(1008, "log in first");
});
server.listen(Number(port), "127.0.0.1");
