#!/bin/sh
# Guess: a Node server whose routes know no WebSocket at a path refuses the upgrade there, as it answers a request with
#   404.
# Behaviour: express-ws opens every path, and sends an empty Close where no route has it. koa-websocket opens every path
#   and keeps silent there for good. @fastify/websocket answers 404 for an unknown path, but opens (and then sends an
#   empty Close) where a route is for requests alone. Only @hono/node-ws refuses both.
# Seen on 2026-11-28 with express 4.22.3, express-ws 5.0.2, koa 3.3.0, koa-websocket 7.0.0, fastify 5.12.8,
#   @fastify/websocket 11.3.7, hono 4.13.19, @hono/node-ws 1.3.1.
# It means: with such servers a WebSocket that opens says nothing about the path. A Close without a code right after
#   the 101 is a hint that the path is wrong.
set -eu
folder=$(mktemp -d)
server=
trap 'if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi; rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund express@4.22.3 express-ws@5.0.2 koa@3.3.0 koa-websocket@7.0.0 koa-route@4.0.1 \
    fastify@5.12.8 @fastify/websocket@11.3.7 hono@4.13.19 @hono/node-server@1.19.19 @hono/node-ws@1.3.1 ws@8.23.0 >/dev/null
cat >servers.mjs <<'END'
import express from "express";
import expressWs from "express-ws";
import Koa from "koa";
import route from "koa-route";
import koaWebsocket from "koa-websocket";
import Fastify from "fastify";
import fastifyWebsocket from "@fastify/websocket";
import { Hono } from "hono";
import { serve } from "@hono/node-server";
import { createNodeWebSocket } from "@hono/node-ws";

const greet = (socket) => socket.send("hello");
const ports = {};
const listening = (server) => new Promise((ready) => server.once("listening", () => ready(server.address().port)));

const anExpress = express();
expressWs(anExpress);
anExpress.ws("/call", greet);
anExpress.get("/page", (request, response) => response.send("a page"));
ports["express-ws"] = await listening(anExpress.listen(0, "127.0.0.1"));

const koa = koaWebsocket(new Koa());
koa.ws.use(route.all("/call", (context) => greet(context.websocket)));
koa.use(route.get("/page", (context) => { context.body = "a page"; }));
ports["koa-websocket"] = await listening(koa.listen(0, "127.0.0.1"));

const fastify = Fastify();
await fastify.register(fastifyWebsocket);
fastify.get("/call", { websocket: true }, greet);
fastify.get("/page", async () => "a page");
await fastify.listen({ port: 0, host: "127.0.0.1" });
ports["@fastify/websocket"] = fastify.server.address().port;

const hono = new Hono();
const { injectWebSocket, upgradeWebSocket } = createNodeWebSocket({ app: hono });
hono.get("/call", upgradeWebSocket(() => ({ onOpen: (event, socket) => greet(socket) })));
hono.get("/page", (context) => context.text("a page"));
const server = serve({ fetch: hono.fetch, port: 0, hostname: "127.0.0.1" });
injectWebSocket(server);
ports["@hono/node-ws"] = server.listening ? server.address().port : await listening(server);

console.log(JSON.stringify(ports));
END
cat >ask.mjs <<'END'
import { readFileSync } from "node:fs";
import WebSocket from "ws";

const ports = JSON.parse(readFileSync("ports", "utf8"));
for (const [name, port] of Object.entries(ports))
  for (const path of ["/call", "/wrong", "/page"]) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
    const said = await new Promise((end) => {
      socket.on("open", () => setTimeout(() => end("opens, then silence"), 2000));
      socket.on("message", (data) => end(`opens, then "${data}"`));
      socket.on("close", (code) => end(code === 1005 ? "opens, then a Close without a code" : `closed: ${code}`));
      socket.on("unexpected-response", (request, response) => end(response.statusCode));
      socket.on("error", (error) => end(error.message));
    });
    socket.terminate();
    console.log(`${name} ${path}: ${said}`);
  }
process.exit(0);
END
node servers.mjs >ports 2>log & server=$!
while [ ! -s ports ]; do kill -0 "$server" || { cat log; exit 1; }; sleep 0.1; done
timeout 60 node ask.mjs >seen

echo "One would guess: 101 at /call, where the WebSocket is; 404 or 400 at /wrong and at /page, which is a page."
echo "What happens (express-ws 5.0.2, koa-websocket 7.0.0, @fastify/websocket 11.3.7, @hono/node-ws 1.3.1):"
cat seen
cat >expected <<'END'
express-ws /call: opens, then "hello"
express-ws /wrong: opens, then a Close without a code
express-ws /page: opens, then a Close without a code
koa-websocket /call: opens, then "hello"
koa-websocket /wrong: opens, then silence
koa-websocket /page: opens, then silence
@fastify/websocket /call: opens, then "hello"
@fastify/websocket /wrong: 404
@fastify/websocket /page: opens, then a Close without a code
@hono/node-ws /call: opens, then "hello"
@hono/node-ws /wrong: 404
@hono/node-ws /page: 200
END
cmp -s seen expected || { echo "CHANGED: not what was seen on 2026-11-28"; diff expected seen; exit 1; }
