"""Changing what outside systems keep beside a document, and finding the document by it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from db import models
from db.write_statement import WriteStatement
from projection import One
from resolvers.invoices import lock_document
from resolvers.outbox import add_event
from resolvers.reference_rows import check_for_document, reference_columns, references_of
from resolvers.scope import having, my_documents
from resolvers.transactions import Result, atomically, store
from rules import text
from rules.faults import Refusal, Text
from rules.references import References
from rules.vocabulary import EventType


def by_external_id(external_id: str) -> One:
    """The document that another system knows by this id."""
    return One(my_documents(having(models.Document, external_id=text.clean(external_id) or "")))


async def update(id: str, changes: Mapping[str, Any], version: int | None) -> Result:
    """Set some fields of ``References`` of a document of any type and status; raises ``Refusal`` with all faults.

    Nothing else of an issued document changes, and its paper least of all.
    """

    async def action() -> Result:
        row = await lock_document(my_documents(), id, _NO_SUCH_DOCUMENT, version)
        faults = await check_for_document(References(**changes), row.id)
        if faults:
            raise Refusal(*faults)
        columns = reference_columns(replace(references_of(row), **changes))
        if all(getattr(row, name) == value for name, value in columns.items()):
            return Result(row.id)
        row.update_from_dict({**columns, "version": row.version + 1})
        statement = WriteStatement()
        statement.update_row(row)
        add_event(statement, EventType.of_document(row.type, "UPDATED"), row)
        return await store(statement, Result(row.id))

    return await atomically(action)


_NO_SUCH_DOCUMENT: Final = Text("No existe este documento.", "There is no such document.")
