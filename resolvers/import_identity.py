"""Which customers the rows of an import are: those that exist, or that an earlier row of the file creates."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from tortoise.connection import get_connection

from db import tenant
from db.errors import FAULTS
from resolvers.customer_preparation import OF_ARCHIVED, find_anybody
from rules.customer import is_anybody
from rules.customer_check import CustomerCheck
from rules.customer_columns import ReadRow
from rules.faults import Fault, Text
from rules.keys import document_key
from rules.ruc import Ruc
from rules.vocabulary import CustomerStatus, OnDuplicate


@dataclass(frozen=True)
class Candidate:
    """A row as it was read: the check's faults, and the row's own before them."""

    number: int
    read: ReadRow
    check: CustomerCheck
    faults: tuple[Fault, ...]
    identity: str | None

    @property
    def external_id(self) -> str | None:
        return None if self.faults else self.check.derived.external_id

    @property
    def keys(self) -> list[str]:
        """By which other rows and customers are the same."""
        kinds = {"identity": self.identity, "external_id": self.external_id}
        return [f"{kind}:{key}" for kind, key in kinds.items() if key]


@dataclass(frozen=True)
class Known:
    """A customer that exists, or that an earlier row would create."""

    id: UUID | None = None
    is_archived: bool = False
    row: int | None = None


def identity_of(check: CustomerCheck, on_duplicate: OnDuplicate) -> str | None:
    """What tells the customer from others; None if nothing does."""
    customer = check.derived
    if isinstance(customer.ruc, Ruc):
        return _ruc_identity(customer.ruc.canonical, customer.taxpayer_type)
    if customer.foreign_id and customer.foreign_id.number:
        document = customer.foreign_id
        return _document_identity(document_key(document.number or ""), document.country, document.type)
    is_one_for_all = on_duplicate is not OnDuplicate.FAIL and is_anybody(customer)
    return _ANYBODY if is_one_for_all else None


def _ruc_identity(number: str, taxpayer_type: str | None) -> str:
    return f"RUC {number} {taxpayer_type or ''}"


def _document_identity(key: str, country: str | None, type: str | None) -> str:
    return f"{type} {country} {key}"


_ANYBODY: Final = "anybody"


async def find_customers(candidates: Sequence[Candidate]) -> dict[str, Known]:
    """The account's customers with the identities and external ids of the rows, by ``Candidate.keys``."""
    drafts = [each.check.derived.as_draft() for each in candidates if each.identity or each.external_id]
    if not drafts:
        return {}
    rucs = [each.ruc for each in drafts if each.ruc]
    documents = [document_key(each.foreign_id.number) for each in drafts if each.foreign_id and each.foreign_id.number]
    external_ids = [each.external_id for each in drafts if each.external_id]
    values = [tenant.current_account(), rucs, documents, external_ids]
    _, rows = await get_connection("default").execute_query(_FIND, values)
    found: dict[str, Known] = {}
    for row in sorted(rows, key=lambda row: bool(row["is_itself"])):  # one that has a RUC before one that it leads to
        known = Known(row["id"], row["status"] != CustomerStatus.ACTIVE)
        if row["external_id"]:
            found[f"external_id:{row['external_id']}"] = known
        if known.is_archived:
            continue
        if row["ruc"]:
            found[f"identity:{_ruc_identity(row['ruc'], row['taxpayer_type'])}"] = known
        if row["foreign_id_key"]:
            types = row["foreign_id_country"], row["foreign_id_type"]
            found[f"identity:{_document_identity(row['foreign_id_key'], *types)}"] = known
    if any(each.identity == _ANYBODY for each in candidates):
        anybody = await find_anybody()
        found |= {f"identity:{_ANYBODY}": Known(anybody.id)} if anybody else {}
    return found


_FIND: Final = " UNION ".join(
    f"""
    SELECT coalesce(s.id, c.id) AS id, coalesce(s.status, c.status) AS status, c.ruc, c.taxpayer_type,
        c.foreign_id_key, c.foreign_id_country, c.foreign_id_type, c.external_id, c.status = 'ACTIVE' AS is_itself
    FROM customer c LEFT JOIN customer s ON s.account_id = $1 AND s.id = c.merged_into
    WHERE c.account_id = $1 AND {condition}
    """
    for condition in (
        "c.status = 'ACTIVE' AND c.ruc = ANY ($2::text[])",
        "c.status = 'MERGED' AND c.ruc = ANY ($2::text[])",
        "c.status = 'ACTIVE' AND c.foreign_id_key = ANY ($3::text[])",
        "c.status = 'MERGED' AND c.foreign_id_key = ANY ($3::text[])",
        "c.external_id = ANY ($4::text[])",
    )
)


def duplicate_fault(candidate: Candidate, known: Known) -> Fault:
    name = "customer_ruc_unique" if candidate.check.derived.ruc else "customer_foreign_id_unique"
    return _fault_about(known, FAULTS[name])


def same_external_id(known: Known) -> Fault:
    fault = FAULTS["customer_external_id_unique"]
    return _fault_about(known, replace(fault, message=OF_ARCHIVED) if known.is_archived else fault)


def _fault_about(known: Known, fault: Fault) -> Fault:
    if known.row is None:
        return replace(fault, related_id=known.id)
    return replace(fault, message=_SAME_AS_ROW.format(row=known.row))


_SAME_AS_ROW: Final = Text("La fila {row} tiene el mismo cliente.", "Row {row} has the same customer.")
