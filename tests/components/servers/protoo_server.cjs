// npm's `protoo-server`: `protoo_server.cjs PORT`.
"use strict";
const http = require("http");
const { WebSocketServer } = require("protoo-server");

const server = http.createServer();
new WebSocketServer(server).on("connectionrequest", (info, accept) => accept());
server.listen(Number(process.argv[2]), "127.0.0.1");
