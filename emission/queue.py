"""Queueing a document: part of the statement that issues it, so that both happen or neither."""

from typing import Final
from uuid import UUID

from db.write_statement import Sql, WriteStatement


def add_to_queue(statement: WriteStatement, document_id: UUID) -> None:
    """Let the statement queue the document that it issues, for the environment of the account's provider."""
    statement.insert("emission", {"document_id": document_id, "environment": _ENVIRONMENT})


_ENVIRONMENT: Final = Sql("(SELECT environment FROM pac_setting WHERE account_id = $1)")
