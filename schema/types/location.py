"""Provinces, districts and corregimientos under the DGI's codes."""

import strawberry

import projection
from db import models
from projection import column


@projection.table(models.Location)
@strawberry.type(description="A corregimiento, the smallest place of an address.")
class Location:
    code: str = strawberry.field(description='The DGI\'s code, province-district-corregimiento, such as "8-8-7".')
    corregimiento: str = strawberry.field(description="Name of the corregimiento.")
    district: str = column("district_name", description="Name of the district.")
    province: str = column("province_name", description="Name of the province or comarca.")
    district_code: str = column("district_id", description='Code of the district, such as "8-8".')
    province_code: str = strawberry.field(description='Code of the province or comarca, such as "8".')


@projection.table(models.District)
@strawberry.type(description="A district.")
class District:
    code: str = strawberry.field(description='The DGI\'s code, province-district, such as "8-8".')
    name: str = strawberry.field(description="Name of the district.")
    corregimientos: list[Location] = strawberry.field(description="Its corregimientos, in the DGI's order.")


@projection.table(models.Province)
@strawberry.type(description="A province or comarca.")
class Province:
    code: str = strawberry.field(description='The DGI\'s code, such as "8".')
    name: str = strawberry.field(description="Name of the province or comarca.")
    kind: str = strawberry.field(description="PROVINCIA or COMARCA.")
    districts: list[District] = strawberry.field(description="Its districts, in the DGI's order.")
