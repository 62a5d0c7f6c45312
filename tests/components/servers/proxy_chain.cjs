// npm's `proxy-chain`: `proxy_chain.cjs PORT`. For the host `chained.example` it goes by way of a proxy that is not there.
"use strict";
const { Server } = require("proxy-chain");

const port = Number(process.argv[2]);
const next = { upstreamProxyUrl: "http://127.0.0.1:9" };
const prepareRequestFunction = ({ hostname }) => (hostname === "chained.example" ? next : {});
new Server({ host: "127.0.0.1", port, prepareRequestFunction }).listen();
