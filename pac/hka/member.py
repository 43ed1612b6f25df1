"""What a member of a request is, and short ways to write one down. The table itself is in ``members``."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias


class Presence(Enum):
    """Whether a member must be there; a conditional one must, may or can't, depending on others."""

    REQUIRED = "REQUIRED"
    CONDITIONAL = "CONDITIONAL"
    OPTIONAL = "OPTIONAL"


R: Final = Presence.REQUIRED
C: Final = Presence.CONDITIONAL
O: Final = Presence.OPTIONAL  # noqa: E741

# A request: texts by name; a group is a further mapping, a list is its items. What has no value is not in it.
Content: TypeAlias = "Mapping[str, Value]"
Value: TypeAlias = "str | Content | Sequence[Content]"

# True: the member must be there; False: it must not; None: it may. Arguments: the whole document, and its own group.
Condition: TypeAlias = Callable[[Content, Content], bool | None]


@dataclass(frozen=True, kw_only=True)
class Member:
    """A text with a format, a group with members, or a list whose items, all called ``item``, have the members.

    ``path`` is that of our own input where it comes from there, such as ``lines.*.unit``, where ``*`` is the item.
    """

    name: str
    presence: Presence
    format: re.Pattern[str] | None = None
    members: tuple["Member", ...] = ()
    item: str | None = None
    most: int = 1
    when: Condition | None = None
    path: str | None = None

    def must_be_there(self, document: Content, group: Content) -> bool | None:
        """True: yes; False: it must not be there; None: it may."""
        if self.presence is R:
            return True
        return self.when(document, group) if self.when else None


def text(
    name: str, presence: Presence, format: str, *, when: Condition | None = None, path: str | None = None
) -> Member:
    """A member with a text that matches the regular expression as a whole."""
    return Member(name=name, presence=presence, format=re.compile(format, re.DOTALL), when=when, path=path)


def group(
    name: str, presence: Presence, *members: Member, when: Condition | None = None, path: str | None = None
) -> Member:
    return Member(name=name, presence=presence, members=members, when=when, path=path)


def items(
    name: str,
    item: str,
    presence: Presence,
    *members: Member,
    most: int,
    when: Condition | None = None,
    path: str | None = None,
) -> Member:
    """A list of 1 to ``most`` items."""
    return Member(name=name, presence=presence, members=members, item=item, most=most, when=when, path=path)


def length(shortest: int, longest: int) -> str:
    """
    >>> re.fullmatch(length(2, 3), "abcd") is None
    True
    """
    return f".{{{shortest},{longest}}}"


def digits(least: int, most: int | None = None) -> str:
    return f"[0-9]{{{least},{most or least}}}"


def decimal(whole: int, least: int, most: int | None = None) -> str:
    """Digits before the point, up to ``whole``, and decimals; no sign, no thousands, no exponent.

    >>> re.fullmatch(decimal(9, 2, 6), "5.00") is not None, re.fullmatch(decimal(9, 2, 6), "5") is None
    (True, True)
    """
    return rf"[0-9]{{1,{whole}}}\.{digits(least, most)}" if least else rf"[0-9]{{1,{whole}}}(\.{digits(1, most)})?"


def value(content: Content, *names: str) -> str:
    """The text under these names; empty where there is none."""
    for name in names[:-1]:
        inner = content.get(name)
        if not isinstance(inner, Mapping):
            return ""
        content = inner
    found = content.get(names[-1])
    return found if isinstance(found, str) else ""


def given(**members: "Value | None") -> dict[str, Value]:
    """The members that have a value."""
    return {name: value for name, value in members.items() if value}
