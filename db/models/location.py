"""Panama's provinces, districts and corregimientos."""

from tortoise import fields
from tortoise.models import Model

from db.models.fields import reference


class Province(Model):
    """A province or comarca: a view over the locations."""

    code = fields.CharField(max_length=2, primary_key=True)
    name = fields.TextField()
    kind = fields.TextField()
    position = fields.IntField()

    districts: fields.ReverseRelation["District"]

    class Meta:
        table = "province"
        ordering = ["position"]


class District(Model):
    """A district: a view over the locations."""

    code = fields.CharField(max_length=5, primary_key=True)
    province = reference("models.Province", related_name="districts")
    name = fields.TextField()
    position = fields.IntField()

    corregimientos: fields.ReverseRelation["Location"]

    class Meta:
        table = "district"
        ordering = ["position"]


class Location(Model):
    """A corregimiento under the code the DGI gives it ("8-8-7")."""

    code = fields.CharField(max_length=8, primary_key=True)
    corregimiento = fields.TextField()
    district_name = fields.TextField()
    province_name = fields.TextField()
    province_kind = fields.TextField()
    province_code = fields.CharField(max_length=2)
    district = reference("models.District", related_name="corregimientos", source_field="district_code")
    position = fields.IntField()
    search = fields.TextField()

    class Meta:
        table = "location"
        ordering = ["position"]
