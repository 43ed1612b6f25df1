"""What a method of emission answers, and how the answer gets to the client, if it does."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias


class Ending(Enum):
    WHOLE = "WHOLE"
    CLOSED = "CLOSED"  # the connection is closed before the answer
    HALF = "HALF"  # it is closed in the middle of the answer
    EMPTY = "EMPTY"  # status 200 without a body
    FAULT = "FAULT"  # status 500 with a soap Fault
    WEB_PAGE = "WEB_PAGE"  # status 502 with a web page


# The members of an answer by their names; None is nil, and a group of items that are all called the same is a list.
Member: TypeAlias = "str | Members | Sequence[Members] | None"
Members: TypeAlias = Mapping[str, Member]


@dataclass(frozen=True)
class Reply:
    """The members of the answer, which comes after ``delay`` seconds."""

    members: Members
    ending: Ending = Ending.WHOLE
    delay: float = 0.0


@dataclass(frozen=True)
class Form:
    """How answers are written in a contract: status and body from a method and its members, and a server's fault."""

    content_type: str
    write: Callable[[str, Members], tuple[int, str]]
    fault: str


class Declined(Exception):
    """The method refuses, with a code of the contract."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
