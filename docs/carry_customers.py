"""Creates one account's customers in another: FROM_KEY=… TO_KEY=… python carry_customers.py http://…/graphql"""

import json
import os
import sys
import urllib.request
from typing import Any

READ = """
    query ($after: String) {
      customers(first: 100, after: $after, filter: {status: [ACTIVE]}) {
        pageInfo { hasNextPage endCursor }
        edges { node {
          id receiverType taxpayerType ruc dv foreignId { type number country } name location { code }
          address email phone mobile paymentTermDays associatedPersons { name email phone notify }
        } }
      }
    }
"""
CREATE = """
    mutation ($input: CustomerInput!, $key: String!) {
      createCustomer(input: $input, idempotencyKey: $key) { userErrors { path code message } }
    }
"""


def ask(secret: str, query: str, **variables: Any) -> Any:
    body = json.dumps({"query": query, "variables": variables}).encode()
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(sys.argv[1], body, headers)) as response:
        answer = json.load(response)
    if "errors" in answer:
        sys.exit(f"The service refused: {answer['errors']}")
    return answer["data"]


created, refused = 0, 0
after: str | None = None
while True:
    page = ask(os.environ["FROM_KEY"], READ, after=after)["customers"]
    for node in [edge["node"] for edge in page["edges"]]:
        id, location = node.pop("id"), node.pop("location")
        given = {**node, "locationCode": location and location["code"]}
        errors = ask(os.environ["TO_KEY"], CREATE, input=given, key=f"carried-{id}")["createCustomer"]["userErrors"]
        created, refused = created + (not errors), refused + bool(errors)
        for error in errors:
            sys.stdout.write(f"{node['name']}: {'.'.join(error['path'])}: {error['message']}\n")
    if not page["pageInfo"]["hasNextPage"]:
        break
    after = page["pageInfo"]["endCursor"]
sys.stdout.write(f"created: {created}, refused: {refused}\n")
