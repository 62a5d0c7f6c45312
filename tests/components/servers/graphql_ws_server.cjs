// npm's `graphql-ws` on `ws`: `graphql_ws_server.cjs PORT`.
"use strict";
const { GraphQLObjectType, GraphQLSchema, GraphQLString } = require("graphql");
const { useServer } = require("graphql-ws/use/ws");
const { WebSocketServer } = require("ws");

const query = new GraphQLObjectType({ name: "Query", fields: { hello: { type: GraphQLString } } });
useServer({ schema: new GraphQLSchema({ query }) }, new WebSocketServer({ port: Number(process.argv[2]), host: "127.0.0.1" }));
