"""What outside systems keep beside documents, and the columns that hold it."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from db import models
from db.errors import FAULTS
from resolvers.customer_rows import tag_columns
from resolvers.scope import my_documents
from rules.faults import Fault, Record, faults_of
from rules.references import (
    NO_REFERENCES,
    References,
    check_references,
    clean_references,
    drop_same_tags,
    read_metadata,
    write_metadata,
)


async def check_for_document(references: References, document: UUID | None = None) -> tuple[Fault, ...]:
    """All that keeps a document, a new one by default, from having these. Only an external id asks the database."""
    if references == NO_REFERENCES:
        return ()
    clean = clean_references(references)
    faults = faults_of(Record.REFERENCES, check_references(clean))
    if clean.external_id is None or any(fault.path == ("externalId",) for fault in faults):
        return faults
    other = await my_documents(external_id=clean.external_id).only("id").get_or_none()
    if other is None or other.id == document:
        return faults
    return (replace(FAULTS["document_external_id_unique"], related_id=other.id), *faults)


def reference_columns(references: References) -> dict[str, Any]:
    """The columns of a document with checked references."""
    clean = clean_references(references)
    return {
        "external_id": clean.external_id,
        "metadata": write_metadata(clean.metadata),
        **tag_columns(drop_same_tags(clean.tags)),
    }


def references_of(row: models.Document) -> References:
    return References(external_id=row.external_id, metadata=read_metadata(row.metadata), tags=tuple(row.tags))
