"""Reading the audit trail."""

from typing import Annotated

import strawberry

from projection import Page
from resolvers import audit
from resolvers.paging import PageArguments
from schema.arguments import with_paging
from schema.inputs.audit import AuditFilter
from schema.permissions import IsAdmin
from schema.types.audit import AuditEventConnection


@strawberry.type
class AuditQueries:
    @strawberry.field(
        graphql_type=AuditEventConnection,
        permission_classes=[IsAdmin],
        description=(
            "The audit trail: the changes to customers, invoices, keys, webhooks, billing points and the "
            "account, the latest first."
        ),
    )
    @with_paging
    def audit_events(
        self,
        filter: Annotated[
            AuditFilter | None,
            strawberry.argument(description="Conditions that the listed changes meet; by default all are listed."),
        ] = None,
        *,
        page: PageArguments,
    ) -> Page:
        conditions = filter.conditions() if filter else None
        return audit.list_page(conditions, page)
