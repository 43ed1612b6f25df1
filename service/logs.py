"""Logs: one line of JSON, or of text on a terminal, for whatever happens."""

import logging
import re
import sys
import time
from typing import Any

import stamina
import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils.compat import uuid7

from schema.http import refusal
from service.settings import Settings

log = structlog.get_logger()


def start_logging(settings: Settings) -> None:
    """Log to standard error, Python's own loggers in the same form. Tracebacks come without the values of variables."""
    stamps: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
    ]
    if settings.log_format == "console" or (settings.log_format == "auto" and sys.stderr.isatty()):
        form: list[Any] = [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    else:
        tracebacks = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        form = [structlog.processors.ExceptionRenderer(tracebacks), structlog.processors.JSONRenderer()]
    structlog.configure(
        processors=[*stamps, *form],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        cache_logger_on_first_use=True,
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*stamps, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *form],
        )
    )
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler])
    for chatty in ("tortoise", "uvicorn.error", "fontTools"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    stamina.instrumentation.set_on_retry_hooks(())  # the metrics count every try


class RequestLog:
    """Gives each request an id, which its log lines and its answer carry, and logs how it ended.

    Here and not in an exception handler of Starlette's, whose answers would leave without the id.
    """

    _WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,64}")

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
        request_id = given if self._WELL_FORMED.fullmatch(given) else str(uuid7())
        status = 0
        start = time.perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, send_with_id)
            except Exception as error:
                log.error("surprise", reference=request_id, exc_info=error)
                if status:
                    raise  # the connection has to be closed: half of an answer is out
                surprise = refusal(500, f"Something went wrong on our side. Reference: {request_id}")
                await surprise(scope, receive, send_with_id)
            finally:
                elapsed = round((time.perf_counter() - start) * 1000, 1)
                log.info("request", method=scope["method"], path=scope["path"], status=status, ms=elapsed)
