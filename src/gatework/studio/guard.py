"""Who may ask the studio: hosts it answers to, origins that may change something, a token."""

from __future__ import annotations

import ipaddress
import re
import secrets
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "gatework-token"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""The names of this machine by which only it can call."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""Styles may stand inline, for the pictures carry theirs; no script may."""


class Guard:
    """Refuses what does not come from the page itself.

    Args:
        app: what is guarded.
        hosts: the names, without port, by which the studio may be called. A page of another name
            that was pointed here (DNS rebinding) is refused.
        any_address: whether it may be called by any numeric address as well; a page of another
            name cannot be that.
        token: must be in the address of the first call, ``?token=``, and is then kept in a cookie;
            None for none.
    """

    def __init__(
        self, app: ASGIApp, hosts: Sequence[str], any_address: bool, token: str | None
    ) -> None:
        self.app, self.hosts = app, {host.lower() for host in hosts}
        self.any_address, self.token = any_address, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.setdefault("headers", [])
                headers += [
                    (b"content-security-policy", POLICY.encode()),
                    (b"x-content-type-options", b"nosniff"),
                    (b"referrer-policy", b"no-referrer"),
                    (b"cache-control", b"no-store"),
                ]
                if self.token is not None:
                    cookie = f"{COOKIE}={self.token}; HttpOnly; SameSite=Strict; Path=/"
                    headers.append((b"set-cookie", cookie.encode()))
            await send(message)

        await self.app(scope, receive, guarded)

    def _refusal(self, scope: Scope) -> Response | None:
        asked = HTTPConnection(scope)
        host = _name_of(asked.headers.get("host", ""))
        if host not in self.hosts and not (self.any_address and address_of(host)):
            return PlainTextResponse("This host name is not one that the studio answers to.", 421)
        if not self._own_origin(asked.headers, scope["method"], scope["scheme"]):
            return PlainTextResponse("This request does not come from the studio's page.", 403)
        if self.token is not None and not self._knows_token(asked):
            return PlainTextResponse("The token is missing: use the address that was printed.", 401)
        return None

    def _own_origin(self, headers: Headers, method: str, scheme: str) -> bool:
        origin = headers.get("origin")
        if origin is None and method in ("GET", "HEAD"):
            return True  # as when an address is opened
        return origin is not None and origin == f"{scheme}://{headers.get('host')}"

    def _knows_token(self, asked: HTTPConnection) -> bool:
        given = asked.query_params.get("token") or asked.cookies.get(COOKIE) or ""
        return secrets.compare_digest(given.encode(), (self.token or "").encode())


_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^:\[\]]*))(?::\d{1,5})?", re.IGNORECASE)


def _name_of(host: str) -> str:
    """Return the name in a Host header, without the port; none of one that is malformed."""
    found = _HOST.fullmatch(host)
    return "" if found is None else (found[1] or found[2]).lower()


def address_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the numeric address that a host is called by; None where it has a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
