"""Queueing a document: part of the statement or the transaction that issues it, so that both happen or neither."""

from typing import Final
from uuid import UUID

from tortoise.connection import get_connection

from db import tenant
from rules.vocabulary import Environment


def queue_of(documents: str, environment: str) -> str:
    """A part of a statement that queues documents which the statement has just issued.

    ``documents`` is a common table expression with ``account_id`` and ``id``; ``environment`` is a parameter.

    >>> queue_of("issued", "$7")
    'INSERT INTO emission (account_id, document_id, environment) SELECT q.account_id, q.id, $7 FROM issued q'
    """
    return f"INSERT INTO emission (account_id, document_id, environment) {_SELECT.format(environment, documents)}"


_SELECT: Final = "SELECT q.account_id, q.id, {} FROM {} q"


async def queue(document_id: UUID, environment: Environment) -> None:
    """Queue a document in the transaction that issues it."""
    sql = "INSERT INTO emission (account_id, document_id, environment) VALUES ($1, $2, $3)"
    await get_connection("default").execute_query(sql, [tenant.current_account(), document_id, environment])
