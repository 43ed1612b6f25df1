"""Istmo's command line, one module for each noun."""

import click

from pac.sandbox.command import main as sandbox
from service.commands import (
    accounts,
    archive,
    backup,
    demo,
    emission,
    import_customers,
    nodes,
    outbox,
    pac,
    serve,
    setup,
    trusted_documents,
    verify,
)


@click.group()
def main() -> None:
    """Istmo: GraphQL for invoicing in Panama."""


for command in (
    serve.serve,
    serve.worker,
    serve.sign_in_link,
    setup.migrate_command,
    setup.distribute_command,
    setup.schema_command,
    setup.settings_command,
    accounts.accounts_group,
    accounts.keys_group,
    nodes.nodes_group,
    pac.pac_group,
    emission.emission_group,
    outbox.outbox_group,
    trusted_documents.trusted_documents_group,
    backup.backup_command,
    backup.restore_command,
    archive.export_account,
    archive.import_account,
    demo.seed_demo,
    verify.verify_customers,
    import_customers.import_customers,
):
    main.add_command(command)
main.add_command(sandbox, "sandbox")
