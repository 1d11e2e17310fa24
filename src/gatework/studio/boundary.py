"""What nobody foresaw becomes a sentence of the studio, and a log file that tells the rest."""

from __future__ import annotations

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gatework.system import failures


class Boundary:
    """Answers with a sentence where an endpoint failed; an answer that began is cut off."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception as error:
            if begun or scope["type"] != "http" or failures.debugging():
                raise
            message, hint = failures.told(error)
            answer = JSONResponse({"error": message, "hint": hint}, 422)
            await answer(scope, receive, send)
