"""Creates one account's customers in another: FROM_KEY=… TO_KEY=… python carry_customers.py http://…/graphql"""

import json
import os
import sys
import urllib.request
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError

READ = """
    query ($after: String) {
      customers(first: 100, after: $after, filter: {status: [ACTIVE]}) {
        pageInfo { hasNextPage endCursor }
        edges { node {
          id receiverType taxpayerType ruc dv foreignId { type number country } name location { code }
          address email phone mobile paymentTermDays language associatedPersons { name email phone notify }
        } }
      }
    }
"""
CREATE = """
    mutation ($input: CustomerInput!, $key: String!) {
      createCustomer(input: $input, idempotencyKey: $key) { userErrors { path code message } }
    }
"""


def read_environment(name: str) -> str:
    return os.environ.get(name) or sys.exit(f"Set {name} to a key of the account.")


def ask(secret: str, query: str, **variables: Any) -> Any:
    body = json.dumps({"query": query, "variables": variables}).encode()
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as response:
            answer = json.load(response)
    except HTTPError as error:
        # It has the reason: not a valid key, too many requests, or no such address.
        sys.exit(f"{url} refused: {error} {error.read(500).decode(errors='replace')}")
    except (OSError, HTTPException) as error:
        sys.exit(f"{url} can't be reached: {getattr(error, 'reason', error)}")
    except ValueError:
        sys.exit(f"{url} isn't the address of Istmo's /graphql, or a key isn't one.")
    if not isinstance(answer, dict) or "data" not in answer or "errors" in answer:
        sys.exit(f"The service refused: {answer}")
    return answer["data"]


if len(sys.argv) != 2:
    sys.exit(__doc__)
url, from_key, to_key = sys.argv[1], read_environment("FROM_KEY"), read_environment("TO_KEY")
created, refused = 0, 0
after: str | None = None
while True:
    page = ask(from_key, READ, after=after)["customers"]
    for node in [edge["node"] for edge in page["edges"]]:
        id, location = node.pop("id"), node.pop("location")
        given = {**node, "locationCode": location and location["code"]}
        errors = ask(to_key, CREATE, input=given, key=f"carried-{id}")["createCustomer"]["userErrors"]
        created, refused = created + (not errors), refused + bool(errors)
        for error in errors:
            sys.stdout.write(f"{node['name']}: {'.'.join(error['path'])}: {error['message']}\n")
    if not page["pageInfo"]["hasNextPage"]:
        break
    after = page["pageInfo"]["endCursor"]
sys.stdout.write(f"created: {created}, refused: {refused}\n")
