"""Customers and documents by what outside systems keep beside them, and documents by the text of their lines."""

from collections.abc import Sequence
from typing import Any, Final

from tortoise.expressions import Q
from tortoise.models import Model

from db import tenant
from db.columns import table_of
from projection.tortoise import Select
from resolvers.paging import read_terms
from rules import keys, search, text


def by_tags(model: type[Model], tags: Sequence[str]) -> Q:
    """The rows that have one of these tags, in whatever case and accents."""
    return _found(
        model, "tag_keys <> '{{}}' AND tag_keys && {1}::text[]", [keys.tag_key(text.clean(tag) or "") for tag in tags]
    )


def by_metadata(model: type[Model], key: str, value: str) -> Q:
    """The rows that have this text under this key."""
    entry = text.clean(key) or "", text.clean(value, multiline=True) or ""
    return _found(model, "metadata <> '{{}}' AND metadata @> jsonb_build_object({1}::text, {2}::text)", *entry)


def _found(model: type[Model], condition: str, *values: Any) -> Q:
    """By the view for searching: under row-level security the table's index wouldn't be used (db/procedures).

    The indexes are of rows that have tags or metadata, which the condition must say.
    """
    found = f"SELECT id FROM {table_of(model)}_search WHERE account_id = {{0}} AND {condition}"
    return Q(id__in=Select(found, tenant.current_account(), *values))


def by_line_text(query: str) -> Q:
    """The documents of which a line has all these words in its description and code; see ``rules.search``."""
    terms = read_terms(search.search_terms, query)
    if terms is None:
        return Q(id__in=())
    if not terms:
        return Q()
    return Q(id__in=Select(_BY_LINE, tenant.current_account(), [f"%{term}%" for term in terms]))


# Case and the accents of Spanish don't count; dropping those of all languages took ten times as long. There is no index
# of the words: it would be written with each invoice. So the documents of a list are looked at in its order, until a
# page is full: OFFSET 0 keeps PostgreSQL from looking at all lines first.
_WORDS: Final = "lower(translate(l.description || ' ' || coalesce(l.code, ''), 'ÁÉÍÓÚÜÑáéíóúüñ', 'AEIOUUNaeiouun'))"
_BY_LINE: Final = f"""
    SELECT l.document_id FROM document_line l
    WHERE l.account_id = {{0}} AND l.document_id = "document".id AND {_WORDS} LIKE ALL ({{1}}::text[]) OFFSET 0
"""
