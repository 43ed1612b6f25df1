"""What becomes of the fields of customers that are merged into one.

The first of the customers is the one that stays. A field that it lacks comes from the next one that has it, unless
somebody chooses another. Fields that only make sense together come from one customer; lists are put together.

>>> one = CustomerDraft(receiver_type=ReceiverType.TAXPAYER, name="Ana", email="ana@example.com")
>>> other = CustomerDraft(receiver_type=ReceiverType.TAXPAYER, name="Ana Ruiz", ruc="8-1-1", dv="00")
>>> merged = merge_records([one, other], {"name": 1}, electronic=False)
>>> merged.record.ruc, merged.record.name, merged.winners["name"], merged.winners["email"]
('8-1-1', 'Ana Ruiz', (1,), (0,))
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any, Final

from rules.customer import FIELDS, AssociatedPerson, CustomerDraft, CustomerRecord, Field, ForeignId, Need
from rules.keys import sort_key
from rules.references import MetadataEntry
from rules.vocabulary import ForeignIdType, Language, ReceiverType, TaxpayerType

MOST_MERGED: Final = 20  # customers that one request merges into another
MOST_MOVED: Final = 10_000  # their documents

NAMES: Final = tuple(field.name for field in fields(CustomerRecord))
_FIELDS: Final[Mapping[str, Field]] = {field.attribute: field for field in FIELDS}
_LISTS: Final = frozenset(field.name for field in fields(CustomerRecord) if field.default == ())

# What identifies a customer, and what says where it is.
_IDENTITY: Final = ("receiver_type", "taxpayer_type", "ruc", "dv", "foreign_id")
_PLACE: Final = ("location_code", "address")


@dataclass(frozen=True)
class MergedRecord:
    """``sources`` has for each field the places of the customers that it comes from, even if it is empty there."""

    record: CustomerDraft
    sources: Mapping[str, tuple[int, ...]]

    @property
    def winners(self) -> Mapping[str, tuple[int, ...]]:
        """The sources of the fields that aren't empty."""
        return {name: places if _has(self.record, name) else () for name, places in self.sources.items()}


def merge_records(records: Sequence[CustomerDraft], choices: Mapping[str, int], *, electronic: bool) -> MergedRecord:
    """The record of the first customer after the others were merged into it; ``choices`` are places by fields."""
    chosen = {name: place for given, place in choices.items() for name in together_with(given)}
    identity = chosen.get("ruc", _find(records, lambda record: bool(record.ruc or record.foreign_id)))
    place = chosen.get("address", _find_fullest(records, _PLACE))
    taken = dict.fromkeys(_IDENTITY, identity) | dict.fromkeys(_PLACE, place) | chosen
    who = records[identity]
    values: dict[str, Any] = {}
    sources: dict[str, tuple[int, ...]] = {}
    for name in NAMES:
        if not _is_allowed(name, who, electronic):
            values[name], sources[name] = (() if name in _LISTS else None), (identity,)
        elif name in _LISTS and name not in taken:
            values[name], sources[name] = _join(name, records)
        else:
            won = taken.get(name, _find(records, partial(_has, name=name)))
            values[name], sources[name] = getattr(records[won], name), (won,)
    return MergedRecord(CustomerDraft(**values), sources)


def together_with(name: str) -> tuple[str, ...]:
    """The fields that come from one customer with this one, itself among them."""
    return next((group for group in (_IDENTITY, _PLACE) if name in group), (name,))


def text_of(value: Any) -> str | None:
    """A field's value as a line of text; None for an empty one.

    >>> text_of((AssociatedPerson(name="Ana", email="ana@example.com"), AssociatedPerson(name="Eva")))
    'Ana ana@example.com; Eva'
    """
    match value:
        case None | ():
            return None
        case tuple():
            return "; ".join(text_of(entry) or "" for entry in value)
        case str() | int():
            return str(value)
    parts = [getattr(value, field.name) for field in fields(value)]
    return " ".join(str(part) for part in parts if part is not None and not isinstance(part, bool))


ATTRIBUTES: Final = {_FIELDS[name].name if name in _FIELDS else "receiverType": name for name in NAMES}  # by API names


def _find(records: Sequence[CustomerDraft], has: Callable[[CustomerDraft], bool]) -> int:
    """The place of the first customer that has something; that of the first one if none has."""
    return next((place for place, record in enumerate(records) if has(record)), 0)


def _find_fullest(records: Sequence[CustomerDraft], names: Sequence[str]) -> int:
    counts = [sum(_has(record, name) for name in names) for record in records]
    return counts.index(max(counts))


def _has(record: CustomerDraft, name: str) -> bool:
    return getattr(record, name) not in (None, "", ())


def _is_allowed(name: str, who: CustomerDraft, electronic: bool) -> bool:
    if name not in _FIELDS:
        return True
    return _FIELDS[name].need(who.receiver_type, who.taxpayer_type, electronic) is not Need.FORBIDDEN


# Lists


def _join(name: str, records: Sequence[CustomerDraft]) -> tuple[tuple[Any, ...], tuple[int, ...]]:
    """The entries of all lists, each once and no more than a customer may have, and whose entries they are."""
    entries: dict[Hashable, Any] = {}
    winners: list[int] = []
    for place, record in enumerate(records):
        before = len(entries)
        for entry in getattr(record, name):
            if len(entries) < (_FIELDS[name].longest or 0) and not _is_among(entry, entries.values()):
                entries.setdefault(_key(entry), entry)
        if len(entries) > before:
            winners.append(place)
    return tuple(entries.values()), tuple(winners)


def _key(entry: Any) -> Hashable:
    """What tells an entry from others of its list."""
    match entry:
        case AssociatedPerson():
            return sort_key(entry.name or ""), (entry.email or "").casefold(), entry.phone
        case str():
            return sort_key(entry)
    key: Hashable = getattr(entry, "key", entry)
    return key


def _is_among(entry: Any, others: Any) -> bool:
    """Whether a person is there already, with all that is known here."""
    if not isinstance(entry, AssociatedPerson):
        return False
    name = sort_key(entry.name or "")
    return any(
        sort_key(other.name or "") == name
        and entry.email in (None, other.email)
        and entry.phone in (None, other.phone)
        and entry.notify <= other.notify
        for other in others
    )


# Undoing


def changes_from(place: int, records: Sequence[CustomerDraft], merged: MergedRecord) -> dict[str, tuple[Any, Any]]:
    """The fields that the first customer has from the one at this place: their values before and after.

    Of a list that is put together, after has no other customer's entries.
    """
    changes = {}
    for name in NAMES:
        before, after = getattr(records[0], name), getattr(merged.record, name)
        if before == after or place not in merged.sources[name]:
            continue
        if name in _LISTS and all(entry in after for entry in before):
            own = getattr(records[place], name)
            after = (*before, *[entry for entry in after if entry in own and entry not in before])
        changes[name] = before, after
    return changes


def read_changes(stored: Mapping[str, Sequence[Any]]) -> dict[str, tuple[Any, Any]]:
    """Values before and after a merge, as they were written in JSON."""
    return {name: (_read(name, before), _read(name, after)) for name, (before, after) in stored.items()}


def _read(name: str, value: Any) -> Any:
    if name in _LISTS:
        read_entry = _ENTRIES.get(name)
        return tuple(read_entry(**entry) if read_entry else entry for entry in value)
    if value is None or name not in _READERS:
        return value
    return _READERS[name](value)


_ENTRIES: Final[Mapping[str, Callable[..., Any]]] = {
    "associated_persons": AssociatedPerson,
    "metadata": MetadataEntry,
}
_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "receiver_type": ReceiverType,
    "taxpayer_type": TaxpayerType,
    "language": Language,
    "foreign_id": lambda value: ForeignId(**{**value, "type": value["type"] and ForeignIdType(value["type"])}),
}


def undo_changes(current: CustomerDraft, changes: Mapping[str, tuple[Any, Any]]) -> CustomerDraft:
    """The record without the values that it has from a merge; what was changed since then stays.

    ``changes`` are the values before and after the merge.
    """
    values = {}
    for name, (before, after) in changes.items():
        now = getattr(current, name)
        if now == after:
            values[name] = before
        elif name in _LISTS:
            came = [entry for entry in after if entry not in before]
            values[name] = tuple(entry for entry in now if entry not in came)
    return replace(current, **values)
