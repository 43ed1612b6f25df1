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
    FINAL_CONSUMER="Consumidor final, a private person, who needs no RUC (02).",
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
    TAX_ID="Tax number of another country (02).",
    OTHER="Any other document (99).",
)
publish(
    vocabulary.Language,
    "The language of what a customer gets.",
    ES="Spanish.",
    EN="English.",
)
publish(
    vocabulary.CustomerStatus,
    "Whether a customer is in use. Archived customers stay on their invoices but get no new ones.",
    ACTIVE="In use.",
    ARCHIVED="Not in use; `restoreCustomer` puts it back into use.",
    MERGED="Merged into another one, to which its id leads; see `Customer.mergedInto`.",
    ERASED="Its personal data was erased. It stays, nameless, for its issued documents, and takes no change.",
)
publish(
    vocabulary.PersonalDataRequestKind,
    "What a person asks for under Ley 81.",
    EXPORT="To see all data about them.",
    ERASURE="That the data about them is erased.",
)
publish(
    vocabulary.PersonalDataRequestStatus,
    "What became of a request.",
    OPEN="It has no answer yet.",
    DONE="The data was exported or erased.",
    REFUSED="It was refused, with a reason.",
)
publish(
    vocabulary.DuplicateReason,
    "Why two customers may be one.",
    SAME_IDENTIFICATION="Their RUCs have the same digits, or their foreign documents the same number.",
    SAME_NAME="They have the same name but for case and accents.",
    SIMILAR_NAME="Their names are similar.",
    SAME_PHONE="They have the same phone.",
    SAME_EMAIL="They have the same e-mail address.",
)
publish(
    vocabulary.VerificationStatus,
    "What the registry answered about the customer's RUC; only the server sets it.",
    UNVERIFIED="The registry was not asked: there is no RUC, or no registry is set up.",
    PENDING="The registry is being asked in the background.",
    VERIFIED="The registry has this RUC, DV and type.",
    NOT_FOUND="The registry doesn't have this RUC.",
    MISMATCH="The registry has it with another DV, type or name.",
    UNAVAILABLE="The registry didn't answer after several attempts.",
)
publish(
    vocabulary.InvoiceStatus,
    "The state of an invoice. Once issued, it is never changed, only voided.",
    DRAFT="It has no number, and can still be changed or deleted.",
    ISSUED="It has its number, and is final.",
    VOID="It was issued and voided later. It keeps its number.",
)
publish(
    vocabulary.DocumentType,
    "Kind of sales document.",
    INVOICE="Factura de operación interna (the DGI's code 01).",
    EXPORT_INVOICE="Factura de exportación (03).",
    CREDIT_NOTE="Nota de crédito referente a una factura (04).",
    DEBIT_NOTE="Nota de débito referente a una factura (05).",
)
publish(
    vocabulary.Incoterm,
    "On what terms the goods of an export are delivered, by Incoterms. DAT and DPU are not offered.",
    EXW="Ex works.",
    FCA="Free carrier.",
    CPT="Carriage paid to.",
    CIP="Carriage and insurance paid to.",
    DAP="Delivered at place.",
    DDP="Delivered duty paid.",
    FAS="Free alongside ship.",
    FOB="Free on board.",
    CFR="Cost and freight.",
    CIF="Cost, insurance and freight.",
)
publish(
    vocabulary.BlockedReason,
    "What must be put right before a document is sent again.",
    CREDENTIALS="The provider refused the credentials: set them by `setPacCredentials`, with ADMIN scope.",
    CERTIFICATE="The certificate at the provider has expired or doesn't fit: renew it there. It is tried each hour.",
    FOLIOS="No folios are left at the provider, or the licence has expired: buy or renew. It is tried each hour.",
    NUMBER_TAKEN=(
        "Another system has used the number: `renumberDocument`, with ADMIN scope, gives the document a fresh one. "
        "Give this service a billing point of its own."
    ),
    ISSUER="The DGI doesn't know the issuer as one of this provider: put that right with the provider.",
    TECHNICAL=(
        "The provider could not be reached for long, or doesn't understand the request: tell whoever runs the service."
    ),
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
    vocabulary.PaymentMethod,
    "Forma de pago: how it was agreed to pay, which says nothing of money received.",
    CREDIT="Crédito, to be paid later (the DGI's code 01).",
    CASH="Efectivo (02).",
    CREDIT_CARD="Tarjeta de crédito (03).",
    DEBIT_CARD="Tarjeta de débito (04).",
    LOYALTY="Tarjeta de fidelización (05).",
    VOUCHER="Vale (06).",
    GIFT_CARD="Tarjeta de regalo (07).",
    TRANSFER="Transferencia o depósito a una cuenta bancaria (08).",
    CHECK="Cheque (09).",
    OTHER="Any other, with a description (99).",
)
publish(
    vocabulary.SaleType,
    "Tipo de venta: what is sold.",
    ORDINARY="Venta de giro del negocio, what the business usually sells (the DGI's code 1).",
    FIXED_ASSET="Venta de activo fijo (2).",
    REAL_ESTATE="Venta de bienes raíces (3).",
    SERVICE="Prestación de servicio (4).",
)
publish(
    vocabulary.BranchType,
    "Tipo de sucursal.",
    RETAIL="Al detal (the DGI's code 1).",
    WHOLESALE="Mayorista (2).",
)
publish(
    vocabulary.Environment,
    "Ambiente: whether electronic documents have fiscal value.",
    TEST="Pruebas, without fiscal value (the DGI's code 2).",
    PRODUCTION="Producción (1).",
)
publish(
    vocabulary.Currency,
    "Balboas or US dollars, which are worth the same by law.",
    PAB="Balboa.",
    USD="US dollar.",
)
publish(
    vocabulary.OnDuplicate,
    "What to do when the account already has this customer.",
    FAIL="Refuse the request as DUPLICATE_CUSTOMER, with the customer's id.",
    USE_EXISTING="Use the customer as it is.",
    UPDATE_EMPTY="Use the customer and fill in the fields that it lacks.",
)
publish(
    vocabulary.ErrorPolicy,
    "What becomes of the good rows where others have faults.",
    REJECT_ALL="Nothing is stored.",
    KEEP_GOOD="The good rows are stored.",
)
publish(
    vocabulary.ImportStatus,
    "How far the import of a file is.",
    UPLOADED="Its rows were read. `importCustomers` checks or stores them.",
    CHECKING="Its rows are being checked.",
    CHECKED="Its rows were checked and nothing was stored: that was asked for, or some have faults.",
    STORING="Its customers are being stored.",
    FINISHED="All good rows are stored.",
    UNDOING="The customers that it created are being deleted.",
    UNDONE="The customers that it created are deleted, but for those that were used or changed.",
)
publish(
    vocabulary.CustomerColumn,
    "What a column of a file of customers has.",
    NAME="Name or company name; several columns are joined.",
    LAST_NAME="Last names, which are put behind the name.",
    RUC="RUC in any spelling, also with its DV behind it.",
    DV="DV.",
    IDENTIFICATION="RUC, cédula or, by ID_TYPE, the number of a foreign document.",
    ID_TYPE="What IDENTIFICATION is: RUC, cédula, passport or another foreign document.",
    FOREIGN_ID="Number of a foreigner's document: a passport unless ID_TYPE says something else.",
    COUNTRY="Country of the foreigner's document, by its name or code of two letters.",
    RECEIVER_TYPE=(
        "Tipo de receptor. Without it: foreign with a foreign document, taxpayer with a RUC, but final consumer with a "
        "cédula that has neither DV nor taxpayer type."
    ),
    TAXPAYER_TYPE="Tipo de contribuyente: natural or juridical.",
    CONTACT_TYPE="Customer or supplier: rows of those who are only suppliers are left out.",
    LOCATION_CODE="The DGI's code of the location, such as 8-8-7.",
    PROVINCE="Province, by its name.",
    DISTRICT="District, by its name.",
    CORREGIMIENTO="Corregimiento, by its name or code.",
    ADDRESS="Address; several columns are joined.",
    EMAIL="E-mail address.",
    PHONE="Phone; the second of several columns is taken as MOBILE.",
    MOBILE="Mobile.",
    PAYMENT_TERM_DAYS="Payment term: a number of days, `30 días` or `Contado`.",
    LANGUAGE="Spanish or English.",
    EXTERNAL_ID="The id that another system has for the customer.",
    TAGS="Etiquetas, separated by commas or semicolons.",
)
publish(
    vocabulary.Outcome,
    "What became of a row.",
    CREATED="A new customer was created.",
    UPDATED="A customer that existed was changed.",
    UNCHANGED="A customer that existed is as the row has it, or was to be used as it is.",
    SKIPPED="Nothing was stored, for a reason that isn't the row's own: others have faults.",
    FAILED="The row has faults; `userErrors` has them.",
)
publish(
    vocabulary.Scope,
    "What a key may do. Each scope includes those before it.",
    READ="All queries except those that need ADMIN.",
    WRITE="READ, and the mutations of customers and invoices.",
    ADMIN="WRITE, and settings, billing points, keys, webhooks and the audit trail.",
)
publish(
    vocabulary.EventType,
    "What happened. Webhooks don't get INVOICE_CREATED, INVOICE_UPDATED and INVOICE_DELETED; the feed has them.",
    CUSTOMER_CREATED="A customer was created.",
    CUSTOMER_UPDATED="A customer's data changed.",
    CUSTOMER_ARCHIVED="A customer was archived.",
    CUSTOMER_RESTORED="An archived customer was put back into use.",
    CUSTOMER_DELETED="A customer was deleted because the import that had created it was undone.",
    CUSTOMER_VERIFIED="The registry answered about a customer's RUC; see `Customer.verification`.",
    CUSTOMER_MERGED="A customer was merged into another one, which is `mergedInto` in its data.",
    CUSTOMER_SEPARATED="The merge of a customer was undone: it stands on its own again.",
    CUSTOMER_ERASED="A customer's personal data was erased: erase your copy, too.",
    INVOICE_CREATED="A draft was created.",
    INVOICE_UPDATED=(
        "A draft was changed; or an issued electronic invoice: it was corrected or renumbered, or its provider refused "
        "to void it (`Fiscal.voidRefusal`)."
    ),
    INVOICE_DELETED="A draft was deleted.",
    INVOICE_ISSUED="An invoice was issued, from a draft or directly.",
    INVOICE_SENT="An invoice was sent by `sendDocument`.",
    INVOICE_AUTHORIZED="An electronic invoice was authorised: it is a fiscal document from now on.",
    INVOICE_REJECTED="An electronic invoice breaks a rule of the DGI or the provider; somebody must correct it.",
    INVOICE_VOIDED="An issued invoice was voided; an electronic one, when the provider has confirmed it.",
    CREDIT_NOTE_ISSUED="A credit note was issued. Its invoice stays as it is.",
    CREDIT_NOTE_SENT="A credit note was sent by `sendDocument`.",
    CREDIT_NOTE_AUTHORIZED="An electronic credit note was authorised: it is a fiscal document from now on.",
    CREDIT_NOTE_REJECTED="An electronic credit note breaks a rule of the DGI or the provider.",
    CREDIT_NOTE_UPDATED=(
        "An electronic credit note was corrected or renumbered, or its provider refused to void it "
        "(`Fiscal.voidRefusal`)."
    ),
    CREDIT_NOTE_VOIDED="A credit note was voided; an electronic one, when the provider has confirmed it.",
    DEBIT_NOTE_ISSUED="A debit note was issued. Its invoice stays as it is.",
    DEBIT_NOTE_SENT="A debit note was sent by `sendDocument`.",
    DEBIT_NOTE_AUTHORIZED="An electronic debit note was authorised: it is a fiscal document from now on.",
    DEBIT_NOTE_REJECTED="An electronic debit note breaks a rule of the DGI or the provider.",
    DEBIT_NOTE_UPDATED=(
        "An electronic debit note was corrected or renumbered, or its provider refused to void it "
        "(`Fiscal.voidRefusal`)."
    ),
    DEBIT_NOTE_VOIDED="A debit note was voided; an electronic one, when the provider has confirmed it.",
    EMISSION_BLOCKED="An electronic document can't be sent until somebody puts something right; its id is `objectId`.",
    WEBHOOK_DISABLED="A webhook was disabled because its deliveries kept failing.",
    IMPORT_FINISHED="The rows of a file were checked or stored, or an import was undone; see `Import.status`.",
    WEBHOOK_TESTED="`sendTestEvent` was asked for; only that webhook gets it.",
)
publish(
    vocabulary.AuditSource,
    "Where a change came from.",
    API="A request with an API key, or a session of the pages.",
    COMMAND_LINE="A command on the server.",
    SYSTEM="Istmo itself, such as its background check with the registry.",
)
publish(
    vocabulary.AuditAction,
    "What was done to an object.",
    CREATED="It was created.",
    UPDATED="It was changed. Issuing, voiding, archiving and revoking are changes too.",
    DELETED="It was deleted: a draft or a webhook.",
    SENT="A document was sent by `sendDocument`.",
    ERASED="Personal data was erased; earlier entries lost these values, see `AuditEvent.redactedAt`.",
)
publish(
    vocabulary.AuditObject,
    "The kind of object that was changed.",
    ACCOUNT="The account's settings.",
    API_KEY="A key, or a session of the pages.",
    BILLING_POINT="A billing point.",
    BRANCH="A branch.",
    CREDIT_NOTE="A credit note, with its lines.",
    CUSTOMER="A customer, with its associated persons.",
    DEBIT_NOTE="A debit note, with its lines.",
    IMPORT="A file of customers that was uploaded.",
    INVOICE="An invoice, with its lines.",
    DOCUMENT_LINK="A public link of a document, whose secret is not shown.",
    PAC_SETTING="The provider of electronic invoices, whose credentials are not shown.",
    DATA_REQUEST="A person's request about the data about them.",
    WEBHOOK="A webhook.",
)
publish(
    vocabulary.DeliveryStatus,
    "The state of a delivery.",
    PENDING="It waits for its next attempt. Attempts go on for at most three days.",
    DELIVERED="The receiver accepted it.",
    FAILED="It was given up; `redeliver` repeats it.",
)
publish(
    Status,
    "How a look-up ended.",
    name="RucLookupStatus",
    FOUND="The registry has this RUC.",
    NOT_FOUND="The registry doesn't have it.",
    INVALID="The text is not a RUC; see `suggestions`.",
    UNAVAILABLE="No registry answered in time; `source` says where the data come from.",
)
publish(
    Source,
    "Where the data of a look-up come from.",
    name="RucLookupSource",
    REGISTRY="The registry, just now.",
    CACHE="An earlier answer of the registry; see `asOf`.",
    COMPUTED="The number itself, without the registry.",
)
publish(
    faults.Code,
    "Why something was refused. The list is closed: clients may switch on it.",
    name="UserErrorCode",
    REQUIRED="A value is missing.",
    FORBIDDEN_FIELD="The field can't be given here; for fields of customers see `customerForm`.",
    INVALID_RUC="Not a valid RUC; `expected` may have RUCs that may have been meant.",
    DV_MISMATCH="Not the DV of this RUC; `expected` has the right one for each type of taxpayer.",
    DUPLICATE_CUSTOMER="Another active customer has this RUC or document; `relatedId` is its id.",
    DUPLICATE_EXTERNAL_ID=(
        "Another customer, or another document, of the account has this external id; `relatedId` is its id."
    ),
    UNKNOWN_LOCATION="The DGI has no corregimiento with this code.",
    UNKNOWN_UNIT="The DGI has no such unit of measure; `expected` may have the one that was meant.",
    UNKNOWN_CPBS="The DGI has no such class of goods and services.",
    INVALID_EMAIL="Not a valid e-mail address.",
    INVALID_PHONE="Not a valid phone number.",
    INVALID_VALUE="Too short, with characters that are not allowed, or in the wrong format.",
    UNPRINTABLE=(
        "The text has characters that no font of the server can show on the invoice's PDF; the message names them."
    ),
    TOO_LONG="Too many characters.",
    TOO_MANY="The list has too many entries.",
    OUT_OF_RANGE="The number or day is too small or too large.",
    NOT_FOUND="The account has no such object.",
    NOT_ALLOWED="The object's state doesn't allow it, or it contradicts the other data.",
    EXACTLY_ONE_CUSTOMER="Exactly one of `customerId` and `newCustomer` is required.",
    EMISSION_PENDING="The provider has not answered yet whether the DGI has the document; try again when it has.",
    WINDOW_CLOSED=(
        "The time in which the DGI takes this is over: voiding an electronic document, correcting it, or a note that "
        "refers to it."
    ),
    CREDIT_EXCEEDED="It is more than is left to credit; `expected` says how much is.",
    CONFLICT="The object has changed since this `version`.",
    IDEMPOTENCY_MISMATCH="The `idempotencyKey` was used with other arguments.",
    REGISTRY_MISMATCH="The registry has another value, which `expected` has.",
)
publish(
    faults.WarningCode,
    "What a warning is about. The list is closed, and may grow with a release.",
    BACKDATED="The day of issue is before that of the billing point's last invoice.",
    LARGE_AMOUNT="The DGI remarks on an amount this large, and authorises it all the same.",
    EMAIL_NOT_SENT="The DGI doesn't take this e-mail address, so the electronic invoice is sent to it without one.",
    RUC_NOT_FOUND="The registry doesn't have the customer's RUC, so the DGI will probably reject the invoice.",
    DIFFERENT_IDENTIFICATION="The customers have different RUCs or documents: make sure that they are the same.",
    VOID_LATE="The invoice is older than 7 days, so the provider may refuse to void it; `fiscal.voidRefusal` says so.",
    ALL_CREDITED="A debit note is for an invoice all of which has been credited.",
)
