"""Writing, reading and checking a request by the table of its members."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

import orjson

from pac.hka.member import Content, Member, Value
from pac.hka.members import DOCUMENTO, NAMESPACE

_TEM: Final = "http://tempuri.org/"
_NIL: Final = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(content: Content) -> bytes:
    """The document as an element of its own, members in order, those without value left out.

    Raises ``ValueError`` for a name that is not in the table.
    """
    content = _arrange(DOCUMENTO, content)
    attributes = f' xmlns:tem="{_TEM}" xmlns:ser="{NAMESPACE}"'
    inner = "".join(_write_members(DOCUMENTO, content))
    return f"<tem:{DOCUMENTO.name}{attributes}>{inner}</tem:{DOCUMENTO.name}>".encode()


def write_json(content: Content) -> bytes:
    """The same as a JSON object, where a list has its items and no name for each; raises ``ValueError`` likewise."""
    return orjson.dumps({DOCUMENTO.name: _arrange(DOCUMENTO, content)})


def _arrange(group: Member, content: Content) -> Content:
    """The members in the table's order, without those that have no value and without what XML can't have."""
    if unknown := content.keys() - {member.name for member in group.members}:
        raise ValueError(f"{group.name} has no member {', '.join(sorted(unknown))}")
    arranged = {member.name: _arrange_value(member, content.get(member.name, "")) for member in group.members}
    return {name: value for name, value in arranged.items() if value}


def _arrange_value(member: Member, value: Value) -> Value:
    match value:
        case str():
            return _NOT_XML.sub("", value)
        case Mapping():
            return _arrange(member, value)
        case _:
            return [_arrange(member, item) for item in value]


def _write_members(group: Member, content: Content) -> Iterator[str]:
    members = {member.name: member for member in group.members}
    for name, value in content.items():
        yield f"<ser:{name}>{''.join(_write(members[name], value))}</ser:{name}>"


def _write(member: Member, content: Value) -> Iterator[str]:
    match content:
        case str():
            yield escape(content)
        case Mapping():
            yield from _write_members(member, content)
        case _:
            for item in content:
                yield f"<ser:{member.item}>{''.join(_write_members(member, item))}</ser:{member.item}>"


@dataclass(frozen=True)
class Reading:
    """A document as the service reads it. ``skipped`` are the names of members that it doesn't see."""

    content: Content
    skipped: tuple[str, ...]


def read(document: Element) -> Reading:
    """Read the members in order; one out of order, of another name or namespace, or repeated, is skipped."""
    skipped: list[str] = []
    return Reading(_read_members(DOCUMENTO, document, skipped), tuple(skipped))


def _read_members(group: Member, element: Element, skipped: list[str]) -> Content:
    content: dict[str, Value] = {}
    rest = list(group.members)
    for child in element:
        index = next((index for index, each in enumerate(rest) if child.tag == f"{{{NAMESPACE}}}{each.name}"), None)
        if index is None:
            skipped.append(child.tag.rpartition("}")[2])
            continue
        member, rest = rest[index], rest[index + 1 :]
        if child.get(_NIL) != "true":
            content[member.name] = _read_member(member, child, skipped)
    return content


def _read_member(member: Member, element: Element, skipped: list[str]) -> Value:
    if member.format:
        return element.text or ""
    if member.item is None:
        return _read_members(member, element, skipped)
    found = [child for child in element if child.tag == f"{{{NAMESPACE}}}{member.item}"]
    skipped += [child.tag.rpartition("}")[2] for child in element if child not in found]
    return [_read_members(member, child, skipped) for child in found]


def read_json(document: object) -> Reading:
    """Read the object by the table, in whatever order its members come; null is no value.

    Raises ``ValueError`` where a value isn't of the member's kind, such as a number where a text belongs.
    """
    skipped: list[str] = []
    return Reading(_read_object(DOCUMENTO, document, skipped), tuple(skipped))


def _read_object(group: Member, value: object, skipped: list[str]) -> Content:
    if not isinstance(value, dict):
        raise ValueError(f"{group.name} is no object")
    members = {member.name: member for member in group.members}
    skipped += [name for name in value if name not in members]
    given = {name: each for name, each in value.items() if name in members and each is not None}
    return {name: _read_value(members[name], each, skipped) for name, each in given.items()}


def _read_value(member: Member, value: object, skipped: list[str]) -> Value:
    if member.format:
        if isinstance(value, str):
            return value
        raise ValueError(f"{member.name} is no text")
    if member.item is None:
        return _read_object(member, value, skipped)
    if isinstance(value, list):
        return [_read_object(member, item, skipped) for item in value]
    raise ValueError(f"{member.name} is no list")


class Breach(Enum):
    """How a member breaks the table."""

    MISSING = "MISSING"
    FORBIDDEN = "FORBIDDEN"
    EMPTY = "EMPTY"  # sent without a value instead of left out
    INVALID = "INVALID"  # its format, or how many items a list has


@dataclass(frozen=True)
class MemberFault:
    """``item`` and ``occurrence``, from 1, say in which item of a list; the innermost list counts."""

    breach: Breach
    name: str
    item: str | None = None
    occurrence: int | None = None


@dataclass(frozen=True)
class _Place:
    """Where a check is: the whole document, and the item of a list."""

    document: Content
    item: str | None = None
    occurrence: int | None = None
    faults: list[MemberFault] = field(default_factory=list)

    def note(self, breach: Breach, name: str) -> None:
        self.faults.append(MemberFault(breach, name, self.item, self.occurrence))


def check(document: Content) -> tuple[MemberFault, ...]:
    """What breaks the table, in the table's order: presence, absence, format."""
    place = _Place(document)
    _check_members(DOCUMENTO, document, place)
    return tuple(place.faults)


def _check_members(group: Member, content: Content, place: _Place) -> None:
    for member in group.members:
        needed = member.must_be_there(place.document, content)
        found = content.get(member.name)
        if found is None:
            if needed:
                place.note(Breach.MISSING, member.name)
        elif not found:
            place.note(Breach.MISSING if needed else Breach.EMPTY, member.name)
        elif needed is False:
            place.note(Breach.FORBIDDEN, member.name)
        else:
            _check_value(member, found, place)


def _check_value(member: Member, found: Value, place: _Place) -> None:
    match found:
        case str():
            if not (member.format and member.format.fullmatch(found)):
                place.note(Breach.INVALID, member.name)
        case Mapping():
            _check_members(member, found, place)
        case _:
            if len(found) > member.most:
                place.note(Breach.INVALID, member.name)
            for occurrence, item in enumerate(found, 1):
                inner = _Place(place.document, member.item, occurrence, place.faults)
                _check_members(member, item, inner)
