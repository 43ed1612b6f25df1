"""Merging customers as a client does."""

from typing import Any

from tests.conftest import Answer, Api

_MERGE = """
    mutation ($from: [ID!]!, $into: ID!, $choices: [MergeChoice!], $version: Int, $dryRun: Boolean! = false,
              $idempotencyKey: String) {
        mergeCustomers(from: $from, into: $into, choices: $choices, version: $version, dryRun: $dryRun,
                       idempotencyKey: $idempotencyKey) {
            customer {
                id receiverType taxpayerType ruc dv name email phone mobile address location { code } language
                paymentTermDays associatedPersons { name email } status version invoiceCount invoicedTotal
            }
            fields { name winnerIds values { customerId text } }
            documentCount mergeIds
            warnings { path code } userErrors { path code message relatedId }
        }
    }
"""
_UNDO = """
    mutation ($id: ID!, $dryRun: Boolean! = false) { undoMerge(id: $id, dryRun: $dryRun) {
        customer { id name status ruc email version } userErrors { path code message relatedId }
    } }
"""
_MERGES = """
    query ($customerId: ID) { customerMerges(customerId: $customerId) { totalCount edges { node {
        id customer { id name status } survivor { id } documentCount mergedAt undoUntil
    } } } }
"""


async def try_merge(api: Api, *others: str, into: str, **arguments: Any) -> Answer:
    """The payload of mergeCustomers."""
    payload: Answer = (await api.ask(_MERGE, **{"from": list(others)}, into=into, **arguments))["mergeCustomers"]
    return payload


async def merged(api: Api, *others: str, into: str, **arguments: Any) -> Answer:
    """The payload of a merge that succeeds."""
    payload = await try_merge(api, *others, into=into, **arguments)
    assert payload["userErrors"] == []
    return payload


async def merges(api: Api, customer_id: str | None = None) -> list[Answer]:
    """The merges that can be undone."""
    page = (await api.ask(_MERGES, customerId=customer_id))["customerMerges"]
    nodes = [edge["node"] for edge in page["edges"]]
    assert page["totalCount"] == len(nodes)
    return nodes


async def try_undo(api: Api, merge_id: str, **arguments: Any) -> Answer:
    """The payload of undoMerge."""
    payload: Answer = (await api.ask(_UNDO, id=merge_id, **arguments))["undoMerge"]
    return payload


async def undone(api: Api, customer_id: str) -> Answer:
    """The customer after its merge was undone."""
    [id] = [merge["id"] for merge in await merges(api) if merge["customer"]["id"] == customer_id]
    payload = await try_undo(api, id)
    assert payload["userErrors"] == []
    customer: Answer = payload["customer"]
    return customer
