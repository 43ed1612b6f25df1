"""A Relay app: its compiler accepts documents and schema, and its store merges the answers."""

from tests.builders import create_customer, create_invoice, invoice, taxpayer
from tests.clients.conftest import FOLDER, Run, output
from tests.conftest import Api


async def test_relays_compiler_and_store_understand_the_schema_and_the_answers(run: Run, node: str, api: Api) -> None:
    artifacts = FOLDER / "relay" / "__generated__"
    artifacts.mkdir(exist_ok=True)
    output(node, "../node_modules/relay-compiler/cli.js", "relay.config.json", folder=FOLDER / "relay")
    assert len(list(artifacts.glob("*.graphql.js"))) == 9

    for name in ("Aguas, S.A.", "Bananos, S.A.", "Cacao, S.A."):
        await create_customer(api, taxpayer(name=name))
    first, *_ = (await api.ask("{ customers(first: 1) { edges { node { id } } } }"))["customers"]["edges"]
    await create_invoice(api, invoice(), customerId=first["node"]["id"])
    seen = run("relay/run.js")

    assert seen["first"]["names"] == ["Aguas, S.A.", "Bananos, S.A."]
    assert seen["first"]["hasNextPage"] is True
    assert seen["joined"]["names"] == ["Aguas, S.A.", "Bananos, S.A.", "Cacao, S.A."]
    assert (seen["joined"]["totalCount"], seen["joined"]["hasNextPage"]) == (3, False)
    assert seen["node"]["node"]["__typename"] == "Customer"
    assert seen["renamed"]["userErrors"] == []
    assert seen["after"]["names"] == ["Ábaco, S.A.", "Bananos, S.A.", "Cacao, S.A."]
