"""Which tables of an account its archive has, and which not, and why. Columns are those of the database as it is."""

from typing import Any, Final

Connection = Any  # asyncpg has no types

# In the order in which they are read again: after those that they refer to.
ARCHIVED: Final = (
    "account",
    "account_logo",
    "branch",
    "billing_point",
    "sequence",
    "customer",
    "associated_person",
    "document",
    "document_line",
    "customer_merge",
    "personal_data_request",
    "emission",
    "emission_payload",
    "emission_attempt",
    "fiscal_file",
    "audit_event",
)

NOT_ARCHIVED: Final = {
    "api_key": "keys are secrets, and belong to an installation",
    "pac_setting": "the provider's credentials are secrets",
    "webhook": "its secret, and an address that two installations must not call",
    "document_link": "secrets, whose addresses name the installation",
    "idempotency_key": "answers to requests of the last days",
    "event": "the installation's own feed, kept for some days; nothing is announced twice",
    "delivery": "mails and calls of that feed",
    "emission_reconciliation": "what the provider said last; it is asked again",
    "emission_difference": "found by asking the provider",
    "import": "files of tables and their rows, kept for seven days; the customers are there",
    "import_row": "the same",
    "registry_answer": "answers of the registry, kept for a while",
    "lookup_count": "today's count of questions",
    "mail_count": "today's count of mails",
}

# When the worker turns to a document: where the account is read again it turns to none, so these are null there.
SCHEDULE: Final = {"emission": ("due_at", "files_due_at")}

# The column whose bytes are files of their own in the archive.
CONTENT: Final = "content"

_COLUMNS: Final = """
    SELECT c.relname::text AS "table", a.attname::text AS name, a.atttypid = 'bytea'::regtype AS is_bytes,
           a.attnum = ANY (k.conkey) AS in_key
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
    WHERE c.relname = ANY ($1::text[]) AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname, a.attnum
"""


class Table:
    """A table of the archive as the database has it. ``columns`` are those of its rows there."""

    def __init__(self, name: str, columns: list[Any]) -> None:
        self.name = name
        self.account = "id" if name == "account" else "account_id"
        names = [column["name"] for column in columns]
        self.schedule = SCHEDULE.get(name, ())
        self.columns = [each for each in names if each not in (self.account, CONTENT, *self.schedule)]
        self.key = [column["name"] for column in columns if column["in_key"] and column["name"] != self.account]
        self.has_files = any(column["name"] == CONTENT and column["is_bytes"] for column in columns)

    @property
    def file(self) -> str:
        return f"{self.name}.jsonl"


async def read_tables(connection: Connection) -> list[Table]:
    found: dict[str, list[Any]] = {}
    for row in await connection.fetch(_COLUMNS, list(ARCHIVED)):
        found.setdefault(row["table"], []).append(row)
    return [Table(name, found[name]) for name in ARCHIVED]


def file_name(table: Table, key: list[Any]) -> str:
    """Where the archive has the bytes of a row: under its key, a fiscal file with the ending that people expect.

    >>> file_name(Table("fiscal_file", []), ["019cbd2c", "XML"])
    'files/fiscal_file/019cbd2c.xml'
    """
    return f"files/{table.name}/{'.'.join(str(part).lower() for part in key) or CONTENT}"
