"""Any object by its id, and the API key of the request."""

from typing import Annotated

import strawberry

from projection import ByIds, Many, One
from resolvers import accounts, emission_status, nodes, overview, pac_settings, sessions
from schema.context import Info
from schema.permissions import IsAdmin
from schema.types.account import ApiKey, PacSetting, Session, Viewer
from schema.types.emission import EmissionStatus
from schema.types.node import Node
from schema.types.overview import Overview


@strawberry.type
class GeneralQueries:
    @strawberry.field(description="The API key of the request: its account and what it may do.")
    def viewer(self, info: Info) -> Viewer:
        identity = info.context.identity
        session_id = strawberry.ID(str(identity.session_id)) if identity.session_id else None
        return Viewer(account=accounts.current(), scope=identity.scope, session_id=session_id)

    @strawberry.field(
        graphql_type=PacSetting | None,
        description="The provider (PAC) of the account's electronic invoices; null until it is set.",
    )
    def pac_setting(self) -> One:
        return pac_settings.current()

    @strawberry.field(
        description=(
            "How the account's electronic invoices are doing: whether the provider answers, what is open, rejected or "
            "blocked, the folios that are left, and what differs between the provider and this service."
        )
    )
    async def emission_status(self, info: Info) -> EmissionStatus:
        return EmissionStatus.of(await emission_status.read_status(), info.context)

    @strawberry.field(
        description=(
            "How the business is doing: what it has invoiced by month, what is overdue, its best customers, and what "
            "somebody must do. It takes longer for an account with more documents."
        )
    )
    async def overview(self) -> Overview:
        return Overview.of(await overview.read_overview())

    @strawberry.field(
        graphql_type=list[ApiKey],
        permission_classes=[IsAdmin],
        description="The account's API keys, oldest first, revoked and expired ones too.",
    )
    def api_keys(self) -> Many:
        return accounts.keys()

    @strawberry.field(
        graphql_type=list[Session],
        description=(
            "Browsers that are signed in, youngest first: for a key with ADMIN scope those of the account, for others "
            "those that were signed in with the same key."
        ),
    )
    def sessions(self, info: Info) -> Many:
        return sessions.sessions(info.context.identity)

    @strawberry.field(
        graphql_type=Node | None,
        description="The customer, invoice, note or import with this id; null if there is none.",
    )
    def node(
        self,
        id: Annotated[
            strawberry.ID, strawberry.argument(description="Id of a customer, an invoice, a note or an import.")
        ],
    ) -> ByIds:
        return nodes.by_id(id)

    @strawberry.field(
        graphql_type=list[Node | None],
        description="The objects with these ids, in their order; null for an unknown one.",
    )
    def nodes(self, ids: Annotated[list[strawberry.ID], strawberry.argument(description="Up to 100 ids.")]) -> ByIds:
        return nodes.by_ids(ids)
