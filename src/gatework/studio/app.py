"""The studio's server: pages, pictures, tiles, edits, and the events of a training run."""

from __future__ import annotations

import copy
import struct
from collections.abc import Awaitable, Callable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from gatework.errors import GateworkError, OptionError
from gatework.look.canvas.raster import DIVERGING, SEQUENTIAL, palette_of_heat, shades
from gatework.look.canvas.script import drawing_module
from gatework.look.canvas.theme import page_css
from gatework.look.language import LANGUAGES, Words, words_in
from gatework.look.network.film import film_chart, frames_of
from gatework.look.pictures import Wanted, can_draw, kind_of
from gatework.studio import responses
from gatework.studio.boundary import Boundary
from gatework.studio.catalogue import Catalogue
from gatework.studio.events import epochs_of
from gatework.studio.guard import LOOPBACK, Guard
from gatework.studio.numbers import Shown, numbers_of
from gatework.studio.requests import (
    Focus,
    body_of,
    columns_of,
    edits_in,
    focus_in,
    page_hint,
    run_asked,
    sent_file,
    whole,
)
from gatework.studio.sessions import Sessions, StudioSession
from gatework.train import read_record

PAGES = resources.files("gatework.studio").joinpath("pages")
_TYPES = {".css": "text/css", ".js": "text/javascript", ".html": "text/html"}
_FILM_FRAMES = 12
NARROWEST = 320
"""Pixels of a picture on a phone."""

Endpoint = Callable[[Request], Awaitable[Response]]


def studio_app(
    models: Sequence[str | Path] = (),
    *,
    runs: Sequence[str | Path] = (),
    data: str | Path | None = None,
    hosts: Sequence[str] = LOOPBACK,
    any_address: bool = False,
    token: str | None = None,
) -> Starlette:
    """Return the studio as an ASGI application.

    Args:
        models: model files that can be chosen; no other file is opened.
        runs: folders of recorded trainings that can be watched.
        data: a file that the models are opened with.
        hosts: names by which it may be called.
        any_address: whether it may be called by any numeric address as well.
        token: must be in the first address; for use beyond this machine.
    """
    studio = _Studio(Catalogue(models, runs, data))
    routes = [
        Route("/", studio.index),
        Route("/static/{name}", studio.static),
        Route("/api/languages", studio.languages),
        Route("/api/models", studio.models),
        Route("/api/columns", studio.columns, methods=["POST"]),
        Route("/api/models/{number:int}/open", studio.open, methods=["POST"]),
        Route("/api/models/{number:int}/picture/{name}", studio.model_picture),
        Route("/api/runs/{number:int}/events", studio.events),
        Route("/api/sessions/{key}/about", studio.about),
        Route("/api/sessions/{key}/picture/{name}", studio.picture),
        Route("/api/sessions/{key}/step", studio.answer(responses.step_values)),
        Route("/api/sessions/{key}/unit", studio.answer(responses.unit_story)),
        Route("/api/sessions/{key}/tile", studio.tile),
        Route("/api/sessions/{key}/order", studio.answer(responses.order)),
        Route("/api/sessions/{key}/similar", studio.answer(responses.similar)),
        Route("/api/sessions/{key}/numbers/{tab}", studio.numbers),
        Route("/api/sessions/{key}/edits", studio.edits, methods=["POST"]),
        Route("/api/sessions/{key}/films", studio.films),
        Route("/api/sessions/{key}/film/{number:int}", studio.film),
    ]
    guard = Middleware(Guard, hosts=hosts, any_address=any_address, token=token)
    return Starlette(
        routes=routes,
        middleware=[guard, Middleware(Boundary)],
        exception_handlers={GateworkError: _refused},
    )


async def _refused(request: Request, error: Exception) -> Response:
    message, hint = getattr(error, "message", str(error)), getattr(error, "hint", None)
    return JSONResponse({"error": message, "hint": page_hint(hint)}, 400)


class _Studio:
    """The answers to the page; what takes long runs in a thread and does not block the rest."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue, self.sessions = catalogue, Sessions()

    async def index(self, request: Request) -> Response:
        return _file("index.html")

    async def static(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name == "draw.js":
            return Response(drawing_module(), media_type=_TYPES[".js"])
        if name == "pictures.css":
            return Response(page_css(), media_type=_TYPES[".css"])
        there = {one.name for one in PAGES.iterdir() if one.name.endswith((".js", ".css"))}
        return _file(name) if name in there else Response("There is no such file.", 404)

    async def languages(self, request: Request) -> Response:
        spoken = map(words_in, LANGUAGES)
        return JSONResponse(
            {
                one.language: {
                    "name": one("English"),
                    "tag": one.tag,
                    "texts": one.all_of("studio"),
                }
                for one in spoken
            }
        )

    async def models(self, request: Request) -> Response:
        names = ("name", "problem", "example", "training")
        shown = [{name: getattr(one, name) for name in names} for one in self.catalogue.entries]
        runs = [folder.name for folder in self.catalogue.runs]
        anchors = {"sequential": SEQUENTIAL, "diverging": DIVERGING}
        colours = {name: palette_of_heat(one).tolist() for name, one in anchors.items()}
        data = None if self.catalogue.data is None else self.catalogue.data.name
        return JSONResponse({"models": shown, "runs": runs, "colours": colours, "data": data})

    async def columns(self, request: Request) -> Response:
        """Answer with the columns of a table that is sent, or of the studio's own."""
        body, own = await body_of(request), self.catalogue.data

        def work() -> list[str]:
            if request.query_params.get("data") == "own":
                return [] if own is None else columns_of(own)
            with sent_file(request, body) as path:
                return columns_of(path)

        return JSONResponse(await run_in_threadpool(work))

    async def open(self, request: Request) -> Response:
        words = _words(request)
        number = request.path_params["number"]
        body = await body_of(request)

        def work() -> dict[str, Any]:
            opened = self.catalogue.open(number)
            asked = run_asked(opened, self.catalogue.data, request, body)
            if (run := asked.run) is None:  # structure and cell can be drawn all the same
                title = self.catalogue.entries[number].name
                return {"key": None, "model": number, "title": title, "reads": opened.reads}
            session = StudioSession(number, run, asked.sequences, asked.sequence)
            return self._about(self.sessions.add(session), session, words)

        return JSONResponse(await run_in_threadpool(work))

    async def about(self, request: Request) -> Response:
        key, session, words = request.path_params["key"], self._session(request), _words(request)
        return JSONResponse(await run_in_threadpool(self._about, key, session, words))

    def _about(self, key: str, session: StudioSession, words: Words) -> dict[str, Any]:
        reads = self.catalogue.open(session.model).reads
        return responses.about(key, session, words) | {"reads": reads}

    async def model_picture(self, request: Request) -> Response:
        """Answer with a picture of a model that has read nothing yet."""
        opened = await run_in_threadpool(self.catalogue.open, request.path_params["number"])
        wanted = Wanted(
            layer=whole(request, "layer"), width=_width(request), language=_words(request).language
        )
        return await _drawn(request.path_params["name"], opened.model, wanted)

    async def picture(self, request: Request) -> Response:
        session = self._session(request)
        focus = focus_in(request, session.now)
        layer, signal, direction = focus.signal
        length = min(max(2, whole(request, "length")), len(session.now))
        first = min(focus.step, len(session.now) - length)
        wanted = Wanted(
            layer=layer,
            direction=direction,
            unit=focus.unit,
            step=focus.step,
            like=(first, first + length),
            result=whole(request, "result"),
            signals=(signal,) if "signal" in request.query_params else (),
            width=_width(request),
            language=_words(request).language,
        )
        return await _drawn(request.path_params["name"], session.now, wanted)

    def answer(self, make: Callable[[StudioSession, Focus], Any]) -> Endpoint:
        """Return what answers with a JSON value that is made of a session and the focus in it."""

        async def endpoint(request: Request) -> Response:
            session = self._session(request)
            focus = focus_in(request, session.run)
            return JSONResponse(await run_in_threadpool(make, session, focus))

        return endpoint

    async def tile(self, request: Request) -> Response:
        """Answer with low and high as two float64, rows and columns as uint32, then the values.

        These are float32; the shades in which they are shown follow, a byte each.
        """
        session = self._session(request)
        focus = focus_in(request, session.run)
        columns = whole(request, "columns")
        values, colours = await run_in_threadpool(
            session.tile, focus.signal, focus.first, focus.last, columns
        )
        head = struct.pack("<ddII", colours.low, colours.high, *values.shape)
        shown = shades(values, colours.low, colours.high)
        body = head + values.astype("<f4").tobytes() + shown.tobytes()
        return Response(body, media_type="application/octet-stream")

    async def numbers(self, request: Request) -> Response:
        """Answer with the numbers of a tab as comma-separated values."""
        session = self._session(request)
        focus = focus_in(request, session.run)
        rows = whole(request, "top"), whole(request, "bottom")
        ordered = whole(request, "sorted") > 0
        shown = Shown(session, focus, rows, ordered, whole(request, "result"))
        told = await run_in_threadpool(numbers_of, request.path_params["tab"], shown)
        return Response(told, media_type="text/csv; charset=utf-8")

    async def edits(self, request: Request) -> Response:
        session = self._session(request)
        edits = edits_in(await body_of(request))

        def work() -> dict[str, Any]:
            session.change(edits)
            return responses.outcome(session)

        return JSONResponse(await run_in_threadpool(work))

    async def events(self, request: Request) -> Response:
        folder = self.catalogue.run(request.path_params["number"])
        return StreamingResponse(
            epochs_of(folder, request.is_disconnected), media_type="text/event-stream"
        )

    async def films(self, request: Request) -> Response:
        """Answer with the numbers of the recorded trainings that are of the session's network."""
        run, runs = self._session(request).run, self.catalogue.runs

        def work() -> list[int]:
            network = copy.deepcopy(run.in_torch().network)
            return [number for number, folder in enumerate(runs) if _is_of(network, folder)]

        return JSONResponse(await run_in_threadpool(work))

    async def film(self, request: Request) -> Response:
        """Answer with a recorded training, seen on what the session's network reads."""
        session = self._session(request)
        folder = self.catalogue.run(request.path_params["number"])
        language = _words(request).language

        def work() -> str:
            run = session.run.in_torch()
            try:
                record = read_record(folder)
            except GateworkError as error:
                told = error.message.replace(str(folder), folder.name)
                raise OptionError(told) from None
            frames = frames_of(run.network, record, run.inputs[:, 0], most=_FILM_FRAMES)
            return str(film_chart(frames, language=language).element)

        return Response(await run_in_threadpool(work), media_type="image/svg+xml")

    def _session(self, request: Request) -> StudioSession:
        return self.sessions.get(request.path_params["key"])


async def _drawn(name: str, model: Any, wanted: Wanted) -> Response:
    kind = kind_of(name)
    if not can_draw(kind, model):
        raise OptionError(f"the picture {name!r} needs a {kind.needs}")
    drawn = await run_in_threadpool(lambda: str(kind.draw(model, wanted).element))
    return Response(drawn, media_type="image/svg+xml")


def _is_of(network: Any, folder: Path) -> bool:
    """Return whether a training was recorded of a network, whose weights it may replace."""
    try:
        record = read_record(folder)
        record.restore(network, min(record.snapshots, default=0))
    except GateworkError:
        return False
    return True


def _words(request: Request) -> Words:
    return words_in(request.query_params.get("language", "en"))


def _width(request: Request) -> float:
    """Return how wide a picture shall be: as a narrow page asks for it, else as for a desk."""
    asked = whole(request, "width")
    return float(min(max(asked, NARROWEST), Wanted.width)) if asked else Wanted.width


def _file(name: str) -> Response:
    return Response(PAGES.joinpath(name).read_bytes(), media_type=_TYPES[Path(name).suffix])
