"""The tables, as Tortoise sees them.

The database's own definition is ``db/schema/*.sql``: keys of account tables are
``(account_id, id)``, foreign keys carry the account along, and constraints, policies and
collations have their names there. Here ``id`` alone is the key, as Tortoise has no composite keys.

Columns ending in ``_key`` are what lists are ordered by, ``search`` what they are searched by
(``rules.keys``); ``total_cents`` orders and filters documents because comparing ``numeric`` is not
leakproof and so would not use an index under row-level security.
"""

from db.models.account import Account, AccountLogo, ApiKey, BillingPoint, Branch, PacSetting, Sequence
from db.models.customer import AssociatedPerson, Customer, CustomerMerge, Import, PersonalDataRequest
from db.models.document import Document, DocumentLine, DocumentLink, Emission, EmissionAttempt
from db.models.event import AuditEvent, Delivery, Event, Webhook
from db.models.location import District, Location, Province
from db.models.request import IdempotencyKey, TrustedDocument

__all__ = [
    "Account",
    "AccountLogo",
    "ApiKey",
    "AssociatedPerson",
    "AuditEvent",
    "BillingPoint",
    "Branch",
    "Customer",
    "CustomerMerge",
    "Delivery",
    "District",
    "Document",
    "DocumentLine",
    "DocumentLink",
    "Emission",
    "EmissionAttempt",
    "Event",
    "IdempotencyKey",
    "Import",
    "Location",
    "PacSetting",
    "PersonalDataRequest",
    "Province",
    "Sequence",
    "TrustedDocument",
    "Webhook",
]
