"""Notes as a client issues them."""

from typing import Any

from tests.builders import create_invoice, customer_id, invoice, line
from tests.conftest import Answer, Api

_NOTE = """
    id documentType number branch billingPoint status issueDate currency electronic reason notes version
    fiscal { status cufe faults { code message } }
    customer { id } receiver { name ruc email }
    lines {
        position invoicePosition invoiceQuantity description code unit quantity unitPrice discount itbmsRate
        net itbms total
    }
    subtotal itbmsTotal total invoice { id number creditableTotal }
"""


def _create(kind: str) -> str:
    field = f"{kind.lower()}Note"
    return f"""
        mutation ($input: {kind}NoteInput!, $dryRun: Boolean! = false, $idempotencyKey: String, $waitMs: Int! = 0) {{
            create{kind}Note(input: $input, dryRun: $dryRun, idempotencyKey: $idempotencyKey, waitMs: $waitMs) {{
                note: {field} {{ {_NOTE} }}
                warnings {{ path code }} userErrors {{ path code message expected relatedId }}
            }}
        }}
    """


CREDIT, DEBIT = _create("Credit"), _create("Debit")
REASON = "Mercancía devuelta por el cliente"

_VOID = """
    mutation ($id: ID!, $reason: String!) { voidNote(id: $id, reason: $reason) {
        note { id status voidReason fiscal { status } } userErrors { path code message relatedId }
    } }
"""
_VOID_INVOICE = """
    mutation ($id: ID!, $reason: String!) { voidInvoice(id: $id, reason: $reason) {
        invoice { id status fiscal { status } } userErrors { path code message relatedId }
    } }
"""


async def try_credit(api: Api, invoice_id: str, *lines: dict[str, Any], **given: Any) -> Answer:
    """The payload of createCreditNote."""
    arguments = {name: given.pop(name) for name in ("dryRun", "idempotencyKey", "waitMs") if name in given}
    input = {"invoiceId": invoice_id, "reason": REASON, "lines": list(lines) or None} | given
    payload: Answer = (await api.ask(CREDIT, input=input, **arguments))["createCreditNote"]
    return payload


async def credited(api: Api, invoice_id: str, *lines: dict[str, Any], **given: Any) -> Answer:
    """A credit note just issued."""
    payload = await try_credit(api, invoice_id, *lines, **given)
    assert payload["userErrors"] == []
    note: Answer = payload["note"]
    return note


async def try_debit(api: Api, invoice_id: str, *lines: dict[str, Any], **given: Any) -> Answer:
    """The payload of createDebitNote."""
    arguments = {name: given.pop(name) for name in ("dryRun", "idempotencyKey", "waitMs") if name in given}
    input = {"invoiceId": invoice_id, "reason": "Intereses por mora", "lines": list(lines) or None} | given
    payload: Answer = (await api.ask(DEBIT, input=input, **arguments))["createDebitNote"]
    return payload


async def debited(api: Api, invoice_id: str, *lines: dict[str, Any], **given: Any) -> Answer:
    payload = await try_debit(api, invoice_id, *lines, **given)
    assert payload["userErrors"] == []
    note: Answer = payload["note"]
    return note


async def try_void_note(api: Api, id: str, reason: str = "La nota se emitió por error") -> Answer:
    payload: Answer = (await api.ask(_VOID, id=id, reason=reason))["voidNote"]
    return payload


async def try_void_invoice(api: Api, id: str, reason: str = "La operación no se realizó") -> Answer:
    payload: Answer = (await api.ask(_VOID_INVOICE, id=id, reason=reason))["voidInvoice"]
    return payload


async def invoiced(api: Api, *lines: dict[str, Any], **fields: Any) -> str:
    """The id of an issued invoice, by default of three units at 10.00 and 7 %, and of one at 5.00 that is exempt."""
    given = lines or (line(quantity="3"), line(description="Libro", unitPrice="5.00", itbmsRate="EXEMPT"))
    payload = await create_invoice(api, invoice(*given, **fields), customerId=await customer_id(api))
    assert payload["userErrors"] == []
    id: str = payload["invoice"]["id"]
    return id
