"""The event stream: a WebSocket that tells what happens to orders."""

import json
from contextlib import suppress

import anyio
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from orders.errors import NotAuthenticatedError
from orders.routes.dependencies import Parts
from orders.schemas import EventOut
from orders.services.events import Subscription
from orders.tokens import Identity, TokenSigner

SIGN_IN_SECONDS = 5.0
POLICY_VIOLATION = 1008
TRY_AGAIN_LATER = 1013

router = APIRouter(tags=["events"])


@router.websocket("/events")
async def stream(websocket: WebSocket, parts: Parts) -> None:
    """Send events to a client whose first message was `{"token": "..."}`."""
    await websocket.accept()
    try:
        with anyio.fail_after(SIGN_IN_SECONDS):
            identity = _read_token(await websocket.receive_text(), parts.signer)
    except (NotAuthenticatedError, TimeoutError):
        await websocket.close(POLICY_VIOLATION, "a valid token is required")
        return
    except WebSocketDisconnect:
        return
    with parts.broadcaster.subscribe(identity) as subscription:
        await websocket.send_json({"kind": "ready"})
        async with anyio.create_task_group() as group:
            group.start_soon(_send, websocket, subscription, group.cancel_scope)
            await _drain(websocket)
            group.cancel_scope.cancel()


def _read_token(message: str, signer: TokenSigner) -> Identity:
    try:
        content = json.loads(message)
    except ValueError as error:
        raise NotAuthenticatedError("the first message is not JSON") from error
    token = content.get("token") if isinstance(content, dict) else None
    if not isinstance(token, str):
        raise NotAuthenticatedError("the first message carries no token")
    return signer.read(token)


async def _send(websocket: WebSocket, subscription: Subscription, scope: anyio.CancelScope) -> None:
    with suppress(WebSocketDisconnect):
        while (event := await subscription.queue.get()) is not None:
            await websocket.send_text(EventOut.model_validate(event).model_dump_json())
        await websocket.close(TRY_AGAIN_LATER, "too slow")
    scope.cancel()


async def _drain(websocket: WebSocket) -> None:
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass
