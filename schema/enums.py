"""The domain's enumerations as the API shows them: the same classes, with descriptions."""

import strawberry

from lookup.service import Source, Status
from rules import vocabulary

for _enum, _description in {
    vocabulary.ReceiverType: "Tipo de receptor: what the customer is to the tax office.",
    vocabulary.TaxpayerType: "Tipo de contribuyente: a person or a company.",
    vocabulary.ForeignIdType: "Kind of a foreigner's document.",
    vocabulary.CustomerStatus: "Archived customers stay on their invoices but get no new ones.",
    vocabulary.VerificationStatus: "What the registry said of the customer's RUC; set by the server only.",
    vocabulary.InvoiceStatus: "A draft has no number; an issued invoice is never changed, only voided.",
    vocabulary.ItbmsRate: "Rate of the ITBMS: 0, 7, 10 or 15 %.",
    vocabulary.Currency: "Balboas or dollars, which are worth the same.",
    vocabulary.OnDuplicate: (
        "What to do when the account already has this customer: refuse, use it as it is, or use it and fill the "
        "fields it lacks."
    ),
    vocabulary.Scope: "What a key may do; each includes the one before it.",
}.items():
    strawberry.enum(_enum, description=_description)

strawberry.enum(
    Status,
    name="RucLookupStatus",
    description=(
        "How a look-up ended: FOUND and NOT_FOUND are the registry's word, INVALID is no RUC, and UNAVAILABLE that "
        "nobody answered in time."
    ),
)
strawberry.enum(
    Source,
    name="RucLookupSource",
    description="Whose word it is: the registry's just now, the registry's as kept from before, or the number's own.",
)
