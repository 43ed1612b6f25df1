"""What a method of emission answers, and how the answer gets to the client, if it does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum


class Ending(Enum):
    WHOLE = "WHOLE"
    CLOSED = "CLOSED"  # the connection is closed before the answer
    HALF = "HALF"  # it is closed in the middle of the answer
    EMPTY = "EMPTY"  # status 200 without a body
    FAULT = "FAULT"  # status 500 with a soap Fault
    WEB_PAGE = "WEB_PAGE"  # status 502 with a web page


@dataclass(frozen=True)
class Reply:
    """The members of the answer, which comes after ``delay`` seconds."""

    members: dict[str, str | None]
    ending: Ending = Ending.WHOLE
    delay: float = 0.0


@dataclass(frozen=True)
class Form:
    """How answers are written in a contract: status and body from a method and its members, and a server's fault."""

    content_type: str
    write: Callable[[str, Mapping[str, str | None]], tuple[int, str]]
    fault: str


class Declined(Exception):
    """The method refuses, with a code of the contract."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
