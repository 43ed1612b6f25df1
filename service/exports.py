"""Lists as files, over HTTP: the whole list, as it is filtered, page by page."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final
from urllib.parse import quote

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from db import tenant
from lookup.service import Consultar
from resolvers.api_keys import Identity
from rules.calendar import today
from rules.printing import Printable
from schema.context import Context
from schema.exports import LISTS, List, Node, id_of
from spreadsheets.streams import CsvStream, TableStream, XlsxStream
from transport.authentication import Authenticator
from transport.bodies import BoundedRequest, parse_json, parse_json_object, read_json_body
from transport.execution import OperationRunner
from transport.headers import read_language
from transport.http import encode_result
from transport.parameters import GraphQLRequest
from transport.reads import HEADER, ClientPosition, read_position

_PAGE: Final = 100
_MEDIA_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/jsonl; charset=utf-8",
}
_ARGUMENTS: Final = ("search", "filter", "orderBy")
_OPTIONS: Final = ("delimiter", "language")


class ListFiles:
    """Served to any key of the account. Each page is an operation of its own, under all limits of operations: between
    two of them an export holds neither a permit nor a connection to the database, however slowly its client reads.
    """

    def __init__(
        self,
        authenticator: Authenticator,
        consultar: Consultar,
        printable: Printable,
        runner: OperationRunner,
        max_body_size: int,
    ) -> None:
        self._authenticator = authenticator
        self._consultar = consultar
        self._printable = printable
        self._runner = runner
        self._max_body_size = max_body_size

    def routes(self) -> list[Route]:
        return [Route("/exports/{list}.{format}", self.send, methods=["GET", "POST"])]

    async def send(self, request: Request) -> Response:
        identity = await self._authenticator.authenticate(request)
        chosen, format = LISTS.get(request.path_params["list"]), request.path_params["format"]
        if chosen is None or format not in _MEDIA_TYPES:
            raise HTTPException(404, f"There are {', '.join(LISTS)}, each as {', '.join(_MEDIA_TYPES)}.")
        arguments = await self._read_arguments(request)
        language = read_language(request, arguments.pop("language", None))
        client = read_position(request)
        encode = _choose_encoding(chosen, format, language, arguments.pop("delimiter", None) or ";")
        id = id_of(chosen.whole if format == "jsonl" else chosen.table)
        pages = self._read_pages(chosen, id, arguments, identity, language, client)
        first = await anext(pages)
        if isinstance(first, Response):
            return first
        title = (chosen.title.en if language == "en" else chosen.title.es).lower().replace(" ", "-")
        name = quote(f"{title}-{today()}.{format}")
        return StreamingResponse(
            encode(_chain(first, pages)),
            media_type=_MEDIA_TYPES[format],
            headers={
                "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
                **({HEADER: client.told} if client.told else {}),
            },
        )

    async def _read_arguments(self, request: Request) -> dict[str, Any]:
        if request.method == "POST":
            bounded = BoundedRequest(request.scope, request.receive, self._max_body_size)
            arguments = parse_json_object(await read_json_body(bounded))
        else:
            arguments = dict(request.query_params)
            for name in ("filter", "orderBy"):
                if name in arguments:
                    arguments[name] = parse_json(arguments[name])
        if unknown := arguments.keys() - {*_ARGUMENTS, *_OPTIONS}:
            raise HTTPException(400, f"The arguments are {', '.join((*_ARGUMENTS, *_OPTIONS))}; not {min(unknown)}.")
        return arguments

    async def _read_pages(
        self,
        list: List,
        id: str,
        arguments: dict[str, Any],
        identity: Identity,
        language: str,
        client: ClientPosition,
    ) -> AsyncIterator[Any]:
        """The nodes of page after page; instead of the first one, the response that says why there is none."""
        context = Context(identity, self._consultar, self._authenticator.keys, self._printable, language)
        variables = {**arguments, "first": _PAGE}
        asked = GraphQLRequest(None, id, "Export", variables)
        is_first = True
        while True:
            with tenant.Acting(identity.acting):
                async with self._runner.limiter.admit(identity.account_id):
                    result = await self._runner.run(asked, context, only_queries=True, client=client)
            if result.errors or result.data is None:
                status, headers, body = encode_result(result, "application/graphql-response+json")
                if not is_first:
                    raise ExportEnded([error.message for error in result.errors or ()])
                yield Response(body, max(status, 400), {k.decode(): v.decode() for k, v in headers})
                return
            page = orjson.loads(orjson.dumps(result.data[list.field]))  # it holds the database's JSON, unparsed
            yield [edge["node"] for edge in page["edges"]]
            if not page["pageInfo"]["hasNextPage"]:
                return
            client.brought, client.told = client.told or client.brought, None  # further pages need no other one
            variables["after"], is_first = page["pageInfo"]["endCursor"], False


class ExportEnded(Exception):
    """A page failed after others were sent: the connection ends, so that nobody takes the file for whole."""


Pages = AsyncIterator[Sequence[Node]]
Encoding = Callable[[Pages], AsyncIterator[bytes]]


async def _chain(first: Sequence[Node], rest: Pages) -> Pages:
    yield first
    async for page in rest:
        yield page


def _choose_encoding(list: List, format: str, language: str, delimiter: object) -> Encoding:
    if format == "jsonl":
        return _encode_lines
    if delimiter not in (";", ","):
        raise HTTPException(400, 'The delimiter is ";" or ",".')
    header = [column.header(language) for column in list.columns]

    async def encode(pages: Pages) -> AsyncIterator[bytes]:
        title = list.title.en if language == "en" else list.title.es
        stream: TableStream = XlsxStream(title, header) if format == "xlsx" else CsvStream(header, str(delimiter))
        try:
            async for page in pages:
                yield stream.write([column.read(node, language) for column in list.columns] for node in page)
        finally:
            last = stream.end()
        yield last

    return encode


async def _encode_lines(pages: Pages) -> AsyncIterator[bytes]:
    async for page in pages:
        yield b"".join(orjson.dumps(node, option=orjson.OPT_APPEND_NEWLINE) for node in page)
