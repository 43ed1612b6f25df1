"""What the sandbox remembers: issuers, documents and how often each was sent, in a file or in memory.

Every change is written before it is answered, so that an answer holds after ``kill -9``. Several processes may use
the same file.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from rules.vocabulary import TaxpayerType

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS issuer (
    user TEXT PRIMARY KEY,
    password TEXT NOT NULL,
    ruc TEXT NOT NULL,
    dv TEXT NOT NULL,
    taxpayer_type TEXT NOT NULL,
    name TEXT NOT NULL,
    branches TEXT NOT NULL,
    points TEXT NOT NULL,
    folios INTEGER NOT NULL,
    folios_used INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS document (
    id INTEGER PRIMARY KEY,
    issuer TEXT NOT NULL,
    key TEXT NOT NULL,
    cufe TEXT NOT NULL UNIQUE,
    qr TEXT NOT NULL,
    protocol TEXT NOT NULL,
    emitted_at TEXT NOT NULL,
    received_at TEXT NOT NULL,
    found_from TEXT NOT NULL,
    receiver TEXT NOT NULL,
    total TEXT NOT NULL,
    xml TEXT NOT NULL,
    voided_at TEXT,
    void_found_from TEXT,
    pdf_requests INTEGER NOT NULL DEFAULT 0,
    UNIQUE (issuer, key)
);
CREATE TABLE IF NOT EXISTS reference (
    document INTEGER NOT NULL,
    cufe TEXT NOT NULL,
    PRIMARY KEY (cufe, document)
);
CREATE TABLE IF NOT EXISTS acceptance (
    issuer TEXT NOT NULL,
    key TEXT NOT NULL,
    decided_at TEXT NOT NULL,
    rejection TEXT NOT NULL,
    PRIMARY KEY (issuer, key)
);
CREATE TABLE IF NOT EXISTS mail (
    id INTEGER PRIMARY KEY,
    cufe TEXT NOT NULL,
    address TEXT NOT NULL,
    created_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS sending (
    issuer TEXT NOT NULL,
    key TEXT NOT NULL,
    times INTEGER NOT NULL,
    PRIMARY KEY (issuer, key)
);
"""

_LIST: Final = "SELECT document.*, coalesce(times, 0) AS times FROM document LEFT JOIN sending USING (issuer, key)"


class Key(NamedTuple):
    """By what an issuer's documents are told apart."""

    branch: str
    point: str
    number: str
    type: str
    emission: str

    def __str__(self) -> str:
        return "-".join(self)


@dataclass(frozen=True, kw_only=True)
class Issuer:
    """A business that the sandbox takes documents from: its tokens name it. One folio is used by each document."""

    user: str
    password: str
    ruc: str
    dv: str
    taxpayer_type: TaxpayerType
    name: str
    branches: tuple[str, ...]
    points: tuple[str, ...]
    folios: int
    folios_used: int = 0


@dataclass(frozen=True, kw_only=True)
class Document:
    """An authorised document. It can be found from ``found_from`` on, and as void from ``void_found_from`` on.

    ``receiver`` is a RUC, or a foreigner's number, or empty. ``references`` are CUFEs.
    """

    issuer: str
    key: Key
    cufe: str
    qr: str
    protocol: str
    emitted_at: datetime
    received_at: datetime
    found_from: datetime
    receiver: str
    total: str
    xml: str
    references: tuple[str, ...] = ()
    voided_at: datetime | None = None
    void_found_from: datetime | None = None
    pdf_requests: int = 0


class Acceptance(NamedTuple):
    """A document that was accepted, when the DGI decides, and which rules reject it; empty if none does."""

    decided_at: datetime
    rejection: str


class Mail(NamedTuple):
    """A mail that EnvioCorreo was asked for."""

    id: int
    address: str
    created_at: datetime


class Store:
    def __init__(self, file: Path | None = None) -> None:
        self._connection = sqlite3.connect(file or ":memory:", isolation_level=None, timeout=30)
        self._connection.row_factory = sqlite3.Row
        # With WAL, what is committed survives the end of the process without waiting for the disk.
        self._connection.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; {_TABLES}")

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and nothing by others meanwhile."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def save_issuer(self, issuer: Issuer) -> None:
        """Add an issuer, or replace what is known of the one with this user; the folios used stay used."""
        values = {**vars(issuer), "branches": json.dumps(issuer.branches), "points": json.dumps(issuer.points)}
        del values["folios_used"]
        names = ", ".join(values)
        changes = ", ".join(f"{name} = excluded.{name}" for name in values)
        self._connection.execute(
            f"INSERT INTO issuer ({names}) VALUES ({', '.join('?' * len(values))}) "
            f"ON CONFLICT (user) DO UPDATE SET {changes}",
            tuple(values.values()),
        )

    def find_issuer(self, user: str, password: str) -> Issuer | None:
        found = self._connection.execute("SELECT * FROM issuer WHERE user = ? AND password = ?", (user, password))
        row = found.fetchone()
        return _read_issuer(row) if row else None

    def count_sending(self, issuer: Issuer, key: Key) -> int:
        """Count an Enviar, and return how many there were with this key."""
        counted = self._connection.execute(
            "INSERT INTO sending VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET times = times + 1 RETURNING times",
            (issuer.user, str(key)),
        )
        times: int = counted.fetchone()["times"]
        return times

    def next_protocol(self, year: int) -> str:
        last = self._connection.execute("SELECT coalesce(max(id), 0) AS id FROM document").fetchone()["id"]
        return f"{year}{last + 1:016d}"

    def add_document(self, document: Document) -> None:
        """Store an authorised document, which uses a folio. Its key must be free."""
        values = {name: _write(value) for name, value in vars(document).items() if name != "references"}
        added = self._connection.execute(
            f"INSERT INTO document ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})",
            tuple(values.values()),
        )
        self._connection.executemany(
            "INSERT INTO reference (document, cufe) VALUES (?, ?)",
            [(added.lastrowid, cufe) for cufe in document.references],
        )
        self._connection.execute("UPDATE issuer SET folios_used = folios_used + 1 WHERE user = ?", (document.issuer,))

    def accept(self, issuer: Issuer, key: Key, decided_at: datetime, rejection: str) -> None:
        """Note that a document was accepted, instead of an earlier one that was rejected."""
        values = (issuer.user, str(key), decided_at.isoformat(), rejection)
        self._connection.execute("INSERT OR REPLACE INTO acceptance VALUES (?, ?, ?, ?)", values)

    def find_acceptance(self, issuer: Issuer, key: Key) -> Acceptance | None:
        query = "SELECT decided_at, rejection FROM acceptance WHERE issuer = ? AND key = ?"
        row = self._connection.execute(query, (issuer.user, str(key))).fetchone()
        return Acceptance(datetime.fromisoformat(row["decided_at"]), row["rejection"]) if row else None

    def find_document(self, issuer: Issuer, key: Key) -> Document | None:
        query = "SELECT * FROM document WHERE issuer = ? AND key = ?"
        return self._first(query, issuer.user, str(key))

    def find_cufe(self, cufe: str) -> Document | None:
        return self._first("SELECT * FROM document WHERE cufe = ?", cufe)

    def find_notes(self, cufe: str) -> list[Document]:
        """The documents that refer to this one."""
        query = "SELECT document.* FROM reference JOIN document ON document.id = document WHERE reference.cufe = ?"
        return [_read_document(row) for row in self._connection.execute(query, (cufe,))]

    def void(self, document: Document, at: datetime, found_from: datetime) -> None:
        self._connection.execute(
            "UPDATE document SET voided_at = ?, void_found_from = ? WHERE cufe = ? AND voided_at IS NULL",
            (at.isoformat(), found_from.isoformat(), document.cufe),
        )

    def add_mail(self, document: Document, address: str, at: datetime) -> None:
        values = (document.cufe, address, at.isoformat())
        self._connection.execute("INSERT INTO mail (cufe, address, created_at) VALUES (?, ?, ?)", values)

    def list_mails(self, document: Document) -> list[Mail]:
        query = "SELECT id, address, created_at FROM mail WHERE cufe = ? ORDER BY id"
        found = self._connection.execute(query, (document.cufe,))
        return [Mail(row["id"], row["address"], datetime.fromisoformat(row["created_at"])) for row in found]

    def count_pdf_request(self, document: Document) -> int:
        """Count a request for the PDF, and return how many there were."""
        query = "UPDATE document SET pdf_requests = pdf_requests + 1 WHERE cufe = ? RETURNING pdf_requests"
        requests: int = self._connection.execute(query, (document.cufe,)).fetchone()["pdf_requests"]
        return requests

    def list_documents(self) -> list[tuple[Document, int]]:
        """All documents as they were authorised, and how often Enviar was called with the key of each."""
        return [(_read_document(row), row["times"]) for row in self._connection.execute(f"{_LIST} ORDER BY id")]

    def list_latest(self, most: int) -> list[tuple[Document, int]]:
        """The same, the latest first, and so many."""
        found = self._connection.execute(f"{_LIST} ORDER BY id DESC LIMIT ?", (most,))
        return [(_read_document(row), row["times"]) for row in found]

    def list_issuers(self) -> list[Issuer]:
        return [_read_issuer(row) for row in self._connection.execute("SELECT * FROM issuer ORDER BY user")]

    def _first(self, query: str, *values: str) -> Document | None:
        row = self._connection.execute(query, values).fetchone()
        return _read_document(row) if row else None


def _write(value: object) -> object:
    match value:
        case datetime():
            return value.isoformat()
        case Key():
            return str(value)
    return value


def _read_issuer(row: sqlite3.Row) -> Issuer:
    return Issuer(
        **{
            **dict(row),
            "taxpayer_type": TaxpayerType(row["taxpayer_type"]),
            "branches": tuple(json.loads(row["branches"])),
            "points": tuple(json.loads(row["points"])),
        }
    )


_INSTANTS: Final = ("emitted_at", "received_at", "found_from", "voided_at", "void_found_from")


def _read_document(row: sqlite3.Row) -> Document:
    values = {name: value for name, value in dict(row).items() if name not in ("id", "times")}
    instants = {name: datetime.fromisoformat(values[name]) for name in _INSTANTS if values[name]}
    return Document(**{**values, **instants, "key": Key(*values["key"].split("-"))})
