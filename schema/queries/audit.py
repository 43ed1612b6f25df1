"""Reading the audit trail."""

from typing import Annotated

import strawberry

from projection import Page
from resolvers import audit
from schema.arguments import After, Before, First, Last
from schema.inputs.audit import AuditFilter
from schema.permissions import IsAdmin
from schema.types.audit import AuditEventConnection


@strawberry.type
class AuditQueries:
    @strawberry.field(
        graphql_type=AuditEventConnection,
        permission_classes=[IsAdmin],
        description=(
            "Who changed what: customers, invoices, keys, webhooks, billing points and the account, the latest change "
            "first. It is kept for good."
        ),
    )
    def audit_events(
        self,
        filter: Annotated[AuditFilter | None, strawberry.argument(description="Which changes; all without it.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Page:
        conditions = filter.conditions() if filter else None
        return audit.page(conditions, first=first, after=after, last=last, before=before)
