"""A FastAPI server with one WebSocket, which wants a parameter."""

from __future__ import annotations

from fastapi import FastAPI, WebSocket

app = FastAPI()


@app.websocket("/call")
async def call(websocket: WebSocket, room: int) -> None:
    """Take what comes until the client goes."""
    await websocket.accept()
    async for _ in websocket.iter_bytes():
        pass
