"""What has become of an electronic document on its way to the DGI."""

from datetime import datetime
from enum import Enum
from typing import Final

import strawberry

from pac.providers import SANDBOXES
from projection import rows, sql
from resolvers.fiscal_lists import SHOWN_STATUS
from rules.fiscal.cufe import consultation_url
from rules.fiscal.windows import VOID_OFFERED
from rules.vocabulary import BlockedReason, Environment
from schema.enums import publish

# Before the first attempt, the one that the account has now.
_PROVIDER: Final = """coalesce(e.provider, CASE WHEN e.status IN ('QUEUED', 'SENDING', 'CHECKING', 'BLOCKED') THEN (
    SELECT s.provider FROM pac_setting s
    WHERE s.account_id = {tenant} AND s.environment = e.environment) END)"""

# The row, of which there is none where the document isn't electronic. Only what is asked for is read of it.
FISCAL: Final = f"""
    SELECT e.*, {SHOWN_STATUS} AS shown_status, {{row}}.issued_at, {_PROVIDER} AS shown_provider
    FROM (VALUES (1)) one LEFT JOIN emission e ON e.account_id = {{tenant}} AND e.document_id = {{row}}.id
"""

_FAULTS: Final = """
    SELECT f.code, f.field, f.path, f.line, f.message, f.notice
    FROM ROWS FROM (jsonb_to_recordset({row}.faults)
        AS (code text, field text, path jsonb, line integer, message text, notice boolean)) WITH ORDINALITY f
    ORDER BY f.ordinality
"""

_LAST_ATTEMPT: Final = """
    SELECT a.started_at FROM emission_attempt a
    WHERE a.account_id = {tenant} AND a.document_id = {row}.document_id AND a.kind IN ('SEND', 'LOOK', 'VOID')
    ORDER BY a.id DESC LIMIT 1
"""


def _file_exists(kind: str) -> str:
    return f"""EXISTS (
        SELECT FROM fiscal_file f
        WHERE f.account_id = {{tenant}} AND f.document_id = {{row}}.document_id AND f.kind = '{kind}')"""


def _consultation_url() -> str:
    """The address by QR, where there is one, or by CUFE."""
    by_cufe = " ".join(
        f"WHEN '{environment}' THEN '{consultation_url('', environment)}' || {{row}}.cufe"
        for environment in Environment
    )
    return f"CASE WHEN {{row}}.qr LIKE 'https://%' THEN {{row}}.qr ELSE CASE {{row}}.environment {by_cufe} END END"


class ShownStatus(Enum):
    """The statuses of ``rules.vocabulary.FiscalStatus`` that people see."""

    NONE = "NONE"
    QUEUED = "QUEUED"
    CHECKING = "CHECKING"
    ACCEPTED = "ACCEPTED"
    AUTHORIZED = "AUTHORIZED"
    REJECTED = "REJECTED"
    BLOCKED = "BLOCKED"
    VOIDING = "VOIDING"
    VOIDED = "VOIDED"
    WITHDRAWN = "WITHDRAWN"


publish(
    ShownStatus,
    "How far an electronic document is on its way to the DGI.",
    name="FiscalStatus",
    NONE="It isn't electronic, or it is a draft.",
    QUEUED="It will be sent, or is being sent.",
    CHECKING="It was sent, and the service is finding out whether it arrived.",
    ACCEPTED="The provider has it, and the DGI has not answered yet.",
    AUTHORIZED="The DGI has authorised it.",
    REJECTED="It breaks a rule, which `faults` name: `correctDocument` sends it again, `voidInvoice` gives it up.",
    BLOCKED="Somebody must put something right, which `blockedReason` names; then `retryEmission` goes on.",
    VOIDING="It is being voided; the provider has not confirmed it yet.",
    VOIDED="It was authorised, and is void.",
    WITHDRAWN="It was given up before it was authorised. Its number stays unused.",
)


@strawberry.type(description="Something that the DGI or the provider said about an electronic document.")
class FiscalFault:
    code: str = strawberry.field(description="The DGI's code of the rule, or the provider's code of its answer.")
    field: str | None = strawberry.field(description="The field as the DGI calls it; null where it isn't known.")
    path: list[str] | None = strawberry.field(
        description=(
            'Its place in `InvoiceInput`, such as ["lines", "1", "cpbs"]; below "customer", such as '
            '["customer", "ruc"], its place in `CustomerInput`. Null where it isn\'t known.'
        )
    )
    line: int | None = strawberry.field(description="Position of the line, from 1; null for no line.")
    message: str = strawberry.field(description="The words of the DGI or the provider.")
    notice: bool = strawberry.field(description="Whether it is only a remark: the document is authorised all the same.")


@strawberry.type(
    description="What has become of a document on its way to the DGI. Mails and files follow on `AUTHORIZED`."
)
class Fiscal:
    status: ShownStatus = sql("{row}.shown_status", description="How far it is; NONE if it isn't electronic.")
    cufe: str | None = strawberry.field(
        description="Código Único de Factura Electrónica, 66 characters; null until it is authorised."
    )
    protocol: str | None = strawberry.field(
        description="Number of the authorisation (protocolo); null where the provider didn't say it."
    )
    authorized_at: datetime | None = strawberry.field(description="When the DGI authorised it; null until then.")
    qr: str | None = strawberry.field(
        description="What the QR code says; null until it is authorised, and where only the provider's XML has it."
    )
    consultation_url: str | None = sql(
        _consultation_url(), description="Where anybody can see it at the DGI; null until it is authorised."
    )
    environment: Environment | None = strawberry.field(
        description="Whether it has fiscal value; null if it isn't electronic."
    )
    provider: str | None = sql(
        "{row}.shown_provider",
        description=(
            "Name of the provider (PAC) that it was sent to; before the first attempt, of the one that it goes to. "
            "Null if it isn't electronic, was given up before that, or the account has no provider."
        ),
    )
    sandbox: bool = sql(
        f"coalesce({{row}}.shown_provider IN {SANDBOXES}, false)",
        description="Whether the provider is the service's own sandbox, whose authorisations are made up.",
    )
    faults: list[FiscalFault] = rows(
        _FAULTS,
        description="Why it was rejected, each fault at its field; of an authorised document, the DGI's remarks.",
    )
    blocked_reason: BlockedReason | None = strawberry.field(
        description="What somebody must put right; null unless it is or was blocked and hasn't been settled since."
    )
    blocked_message: str | None = strawberry.field(
        description="What the provider said when it was blocked; null for nothing."
    )
    attempts: int = sql(
        "coalesce({row}.attempts, 0)",
        description="How often the provider was called about it: to send it, to look for it or to void it.",
    )
    last_attempt_at: datetime | None = sql(
        f"({_LAST_ATTEMPT})", description="When the provider was called about it last; null before the first time."
    )
    next_attempt_at: datetime | None = sql(
        "CASE WHEN {row}.status <> 'SENDING' THEN {row}.due_at END",
        description="When the service turns to it again; null while an attempt is under way, and when nothing is due.",
    )
    voidable_until: datetime | None = sql(
        f"CASE WHEN {{row}}.status = 'AUTHORIZED'"
        f" THEN {{row}}.issued_at + interval '{int(VOID_OFFERED.total_seconds())} seconds' END",
        description=(
            "Until when `voidInvoice` is sure to be in time. For 14 hours more it is tried, with a warning. Null "
            "unless it is authorised."
        ),
    )
    void_refusal: str | None = strawberry.field(
        description="Why it isn't void though that was asked for: the provider's words; null unless it was refused."
    )
    xml_available: bool = sql(_file_exists("XML"), description="Whether `/documents/{id}.xml` has the authorised XML.")
    pdf_available: bool = sql(
        _file_exists("PDF"), description="Whether `/documents/{id}.pdf?source=pac` has the provider's PDF."
    )
