"""Queueing a document: part of the statement that issues it, so that both happen or neither."""

from uuid import UUID

from db.write_statement import WriteStatement


def add_to_queue(statement: WriteStatement, document_id: UUID) -> None:
    """Let the statement queue the document that it issues, for the environment of the account's provider."""
    environment = statement.read("environment", "pac_setting")
    statement.insert("emission", {"document_id": document_id, "environment": environment})
