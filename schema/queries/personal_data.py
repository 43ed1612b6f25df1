"""Reading what persons ask about the data about them."""

from typing import Annotated

import strawberry

from projection import Page
from resolvers import personal_data
from resolvers.paging import PageArguments
from rules.vocabulary import PersonalDataRequestStatus
from schema.arguments import with_paging
from schema.permissions import IsAdmin
from schema.types.personal_data import PersonalDataRequestConnection


@strawberry.type
class PersonalDataQueries:
    @strawberry.field(
        graphql_type=PersonalDataRequestConnection,
        permission_classes=[IsAdmin],
        description="Requests of persons about the data about them, the last due ones first. They are never deleted.",
    )
    @with_paging
    def personal_data_requests(
        self,
        customer_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only requests of this customer.")
        ] = None,
        status: Annotated[
            list[PersonalDataRequestStatus] | None,
            strawberry.argument(description="Only requests of which this became; by default all."),
        ] = None,
        *,
        page: PageArguments,
    ) -> Page:
        return personal_data.list_page(customer_id, status, page)
