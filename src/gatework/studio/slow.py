"""Connections over which a request does not come are closed, so that they use nothing up."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

PATIENCE = 20.0
"""Seconds that a request may take to come, from the connection or the last answer on."""
_TOLD = b"The request took too long to come."
_ANSWER = (
    b"HTTP/1.1 408 Request Timeout\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"connection: close\r\ncontent-length: %d\r\n\r\n%s" % (len(_TOLD), _TOLD)
)


class TimedProtocol(H11Protocol):
    """HTTP over a connection that is closed where no whole request comes for PATIENCE seconds."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._since = self.loop.time()
        self._look()

    def on_response_complete(self) -> None:
        """Wait for another request."""
        super().on_response_complete()
        self._since = self.loop.time()

    def _look(self) -> None:
        """Close the connection if it is time, or come back later."""
        if self.transport.is_closing():
            return
        begun = self.cycle is not None and not self.cycle.response_complete
        if begun and not self.cycle.more_body:  # the whole request is there, the answer takes time
            self._since = self.loop.time()
        left = self._since + PATIENCE - self.loop.time()
        if left > 0:
            self.loop.call_later(left, self._look)
            return
        if not (begun and self.cycle.response_started):
            self.transport.write(_ANSWER)
        self.transport.close()
