"""The domain's enumerations as the API shows them: the same classes, with descriptions."""

from enum import Enum

import strawberry

from lookup.service import Source, Status
from rules import faults, vocabulary


def publish(enum: type[Enum], description: str, /, *, name: str | None = None, **values: str) -> None:
    """Show an enumeration with a description of it and of each of its values; none may lack its own."""
    strawberry.enum(enum, name=name, description=description)
    for value in enum.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = values.pop(value.name)
    assert not values, f"{enum.__name__} has no {', '.join(values)}"


publish(
    vocabulary.ReceiverType,
    "Tipo de receptor: what the customer is to the tax office.",
    TAXPAYER="Contribuyente, a person or company with RUC (the DGI's code 01).",
    FINAL_CONSUMER="Consumidor final, who needs no RUC (02).",
    GOVERNMENT="Gobierno, a part of the State of Panama (03).",
    FOREIGN="Extranjero, who has a foreign document instead of a RUC (04).",
)
publish(
    vocabulary.TaxpayerType,
    "Tipo de contribuyente: a person or a company.",
    NATURAL="Persona natural (the DGI's code 1).",
    JURIDICAL="Persona jurídica, such as a company or the State (2).",
)
publish(
    vocabulary.ForeignIdType,
    "Kind of a foreigner's document.",
    PASSPORT="Passport (the DGI's code 01).",
    TAX_ID="Number of a foreign tax office (02).",
    OTHER="Any other document (99).",
)
publish(
    vocabulary.CustomerStatus,
    "Archived customers stay on their invoices but get no new ones.",
    ACTIVE="In use.",
    ARCHIVED="Out of use, until `restoreCustomer`.",
)
publish(
    vocabulary.VerificationStatus,
    "What the registry said of the customer's RUC; set by the server only.",
    UNVERIFIED="Nobody was asked: there is no RUC, no registry, or no rule for its DV.",
    PENDING="The registry is asked in the background.",
    VERIFIED="The registry has this RUC, DV and type.",
    NOT_FOUND="The registry doesn't have this RUC.",
    MISMATCH="The registry has it with another DV, type or name.",
    UNAVAILABLE="The registry didn't answer, however often it was asked.",
)
publish(
    vocabulary.InvoiceStatus,
    "A draft has no number; an issued invoice is never changed, only voided.",
    DRAFT="Without a number, and may still be changed or deleted.",
    ISSUED="Numbered and final.",
    VOID="Issued once and voided since. It keeps its number.",
)
publish(
    vocabulary.ItbmsRate,
    "Rate of the ITBMS: 0, 7, 10 or 15 %.",
    EXEMPT="Exento, 0 % (the DGI's code 00).",
    RATE_7="7 %, the usual rate (01).",
    RATE_10="10 %, such as for alcoholic drinks and lodging (02).",
    RATE_15="15 %, for tobacco (03).",
)
publish(
    vocabulary.Currency,
    "Balboas or dollars, which are worth the same.",
    PAB="Balboa.",
    USD="Dollar of the United States.",
)
publish(
    vocabulary.OnDuplicate,
    "What to do when the account already has this customer.",
    FAIL="Refuse, as DUPLICATE_CUSTOMER with the customer's id.",
    USE_EXISTING="Use the customer as it is.",
    UPDATE_EMPTY="Use the customer, and fill in the fields that it lacks.",
)
publish(
    vocabulary.Scope,
    "What a key may do; each includes the one before it.",
    READ="All queries but those of settings.",
    WRITE="The mutations on customers and invoices, too.",
    ADMIN="Settings, billing points, keys and webhooks, too.",
)
publish(
    vocabulary.EventType,
    "What happened. Those of drafts stand in the feed only; webhooks aren't told of them.",
    CUSTOMER_CREATED="A customer was registered.",
    CUSTOMER_UPDATED="A customer's data changed.",
    CUSTOMER_ARCHIVED="A customer was archived.",
    CUSTOMER_RESTORED="An archived customer was put to use again.",
    INVOICE_CREATED="A draft was made.",
    INVOICE_UPDATED="A draft was changed.",
    INVOICE_DELETED="A draft was deleted.",
    INVOICE_ISSUED="An invoice was issued, from a draft or at once.",
    INVOICE_VOIDED="An issued invoice was voided.",
    WEBHOOK_DISABLED="A webhook was switched off, as nothing got through.",
)
publish(
    vocabulary.AuditSource,
    "By which way a change came.",
    API="A request under an API key, or a session of the pages.",
    COMMAND_LINE="A command of the operator's.",
    SYSTEM="Istmo itself, such as the check with the registry in the background.",
)
publish(
    vocabulary.AuditAction,
    "What was done to something.",
    CREATED="It was made.",
    UPDATED="It was changed; an invoice is also issued and voided, a customer archived and a key revoked by that.",
    DELETED="It was deleted, as drafts and webhooks can be.",
)
publish(
    vocabulary.AuditObject,
    "What the audit trail is about.",
    ACCOUNT="The account's settings.",
    API_KEY="A key, or a session of the pages.",
    BILLING_POINT="A billing point.",
    CUSTOMER="A customer, with its associated persons.",
    INVOICE="An invoice, with its lines.",
    WEBHOOK="A webhook.",
)
publish(
    vocabulary.DeliveryStatus,
    "How far an announcement to somebody has got.",
    PENDING="It is tried, for three days at most.",
    DELIVERED="It was taken.",
    FAILED="It was given up, and can be tried again by `redeliver`.",
)
publish(
    Status,
    "How a look-up ended.",
    name="RucLookupStatus",
    FOUND="The registry has this RUC.",
    NOT_FOUND="The registry doesn't have it.",
    INVALID="The text is no RUC; see `suggestions`.",
    UNAVAILABLE="Nobody answered in time; see `source` for whose word the rest is.",
)
publish(
    Source,
    "Whose word it is.",
    name="RucLookupSource",
    REGISTRY="The registry's, just now.",
    CACHE="The registry's, as kept from before; see `asOf`.",
    COMPUTED="The number's own: what can be told from it without asking anybody.",
)
publish(
    faults.Code,
    "Why something was refused. The list is closed: clients may switch on it.",
    name="UserErrorCode",
    REQUIRED="It must be given.",
    FORBIDDEN_FIELD="It must be left out for customers of these types; see `customerForm`.",
    INVALID_RUC="It is no RUC; `expected` may have what was meant.",
    DV_MISMATCH="It is not the DV of this RUC; `expected` has the right one, for each reading of the RUC.",
    DUPLICATE_CUSTOMER="Another active customer has this RUC or document; `relatedId` is its id.",
    UNKNOWN_LOCATION="The DGI has no corregimiento with this code.",
    INVALID_EMAIL="It is no e-mail address.",
    INVALID_PHONE="It is no phone number.",
    INVALID_VALUE="It is too short, has characters that it can't have, or isn't of the right shape.",
    UNPRINTABLE="It has characters that no font of the server can show on the invoice's PDF; the message names them.",
    TOO_LONG="It has too many characters.",
    TOO_MANY="The list has too many entries.",
    OUT_OF_RANGE="The number or day is too small or too large.",
    NOT_FOUND="The account has no such object.",
    NOT_ALLOWED="It can't be done to the object as it is now, or doesn't go with the other data.",
    EXACTLY_ONE_CUSTOMER="Exactly one of `customerId` and `newCustomer` must be given.",
    CONFLICT="Somebody else has changed the object since this `version`.",
    IDEMPOTENCY_MISMATCH="The `idempotencyKey` was used with other arguments.",
    REGISTRY_MISMATCH="The registry has it otherwise; `expected` has its value.",
)
