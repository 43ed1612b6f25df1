from pathlib import Path

from tortoise import migrations
from tortoise.migrations.operations import RunSQL


class Migration(migrations.Migration):
    dependencies = [("models", "0010_housekeeping")]
    operations = [RunSQL(Path(__file__).with_suffix(".sql").read_text())]
