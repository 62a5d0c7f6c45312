// An Express server with one WebSocket: node express_ws_server.cjs PORT
const app = require("express")();
require("express-ws")(app);
app.ws("/call", () => {});
app.listen(Number(process.argv[2]), "127.0.0.1");
