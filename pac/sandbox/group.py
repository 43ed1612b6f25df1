"""A group of members of a request, as the rules read it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from pac.hka.member import Content


@dataclass(frozen=True)
class Group:
    """What stands in ``content``. What isn't there is an empty text, an empty group, no items, and zero."""

    content: Content = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return bool(self.content.get(name))

    def __getitem__(self, name: str) -> str:
        value = self.content.get(name, "")
        return value if isinstance(value, str) else ""

    def group(self, name: str) -> "Group":
        value = self.content.get(name)
        return Group(value) if isinstance(value, Mapping) else Group()

    def items(self, name: str) -> list["Group"]:
        value = self.content.get(name)
        return [] if isinstance(value, str | Mapping | None) else [Group(item) for item in value]

    def amount(self, name: str) -> Decimal:
        try:
            return Decimal(self[name] or 0)
        except InvalidOperation:
            return Decimal(0)
