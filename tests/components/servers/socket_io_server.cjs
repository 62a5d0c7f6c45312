// npm's `socket.io`, for the pages of one host: `socket_io_server.cjs PORT`.
"use strict";
const http = require("http");
const { Server } = require("socket.io");

const allowRequest = (request, done) => {
  const { origin } = request.headers;
  done(null, origin === undefined || origin === "https://page.example");
};
const server = http.createServer();
new Server(server, { allowRequest });
server.listen(Number(process.argv[2]), "127.0.0.1");
