"""A peer: Starlette and asyncpg by hand, without keys, row-level security or GraphQL.

Serves the same nested page, and the same statements for an invoice with a new customer, as fast as
this stack can.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import asyncpg
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from uuid_utils.compat import uuid7

PAGE = """
    SELECT coalesce(json_agg(json_build_object(
        'id', i.id, 'number', i.number, 'status', i.status, 'issueDate', i.issue_date, 'total', i.total::text,
        'customer', (SELECT json_build_object('id', c.id, 'name', c.name, 'ruc', c.ruc, 'location',
                        (SELECT json_build_object('code', l.code, 'corregimiento', l.corregimiento,
                                                  'province', l.province_name)
                         FROM location l WHERE l.code = c.location_code))
                     FROM customer c WHERE c.account_id = i.account_id AND c.id = i.customer_id),
        'lines', (SELECT coalesce(json_agg(json_build_object('description', n.description,
                        'quantity', trim_scale(n.quantity)::text, 'unitPrice', trim_scale(n.unit_price)::text,
                        'net', n.net::text) ORDER BY n.position), '[]')
                  FROM document_line n WHERE n.account_id = i.account_id AND n.document_id = i.id))), '[]')
    FROM (SELECT * FROM document WHERE account_id = $1 AND type = 'INVOICE'
          ORDER BY issue_date DESC, id DESC LIMIT 50) i
"""


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    app.state.pool = await asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=1, max_size=10)
    yield
    await app.state.pool.close()


async def page(request: Request) -> Response:
    await request.body()
    async with request.app.state.pool.acquire() as connection:
        rows = await connection.fetchval(PAGE, request.query_params["account"])
    return Response(b'{"data":{"invoices":' + rows.encode() + b"}}", media_type="application/json")


async def create(request: Request) -> Response:
    body = orjson.loads(await request.body())
    account = request.query_params["account"]
    ruc, point = body["ruc"], body["billingPoint"]
    async with request.app.state.pool.acquire() as connection, connection.transaction():
        await connection.fetchrow(
            "SELECT id, name, ruc, dv, electronic_invoicing,"
            " ARRAY(SELECT code::text FROM billing_point p WHERE p.account_id = a.id ORDER BY code) AS billing_points"
            " FROM account a WHERE id = $1",
            account,
        )
        await connection.fetchval(
            "SELECT id FROM customer WHERE account_id = $1 AND status = 'ACTIVE' AND ruc = $2"
            " AND taxpayer_type IS NOT DISTINCT FROM $3",
            *(account, ruc, "JURIDICAL"),
        )
        customer, invoice = uuid7(), uuid7()
        await connection.execute(
            "INSERT INTO customer (id, account_id, receiver_type, taxpayer_type, ruc, dv, name, location_code, status,"
            " verification_status, identification, name_key, identification_key, phone_key, search) VALUES"
            " ($1, $2, 'TAXPAYER', 'JURIDICAL', $3, '00', $4, '8-8-7', 'ACTIVE', 'UNVERIFIED', $3, $5, $3, '', $6)",
            *(customer, account, ruc, "Cliente de prueba, S.A.", "cliente de prueba", f" cliente de prueba {ruc}"),
        )
        number = await connection.fetchval(
            "INSERT INTO sequence (id, account_id, branch, billing_point, type, last_number)"
            " VALUES ($1, $2, '0000', $3, 'INVOICE', 1) ON CONFLICT (account_id, branch, billing_point, type)"
            " DO UPDATE SET last_number = sequence.last_number + 1 RETURNING last_number",
            *(uuid7(), account, point),
        )
        await connection.execute(
            "INSERT INTO document (id, account_id, type, customer_id, branch, billing_point, number, status,"
            " issue_date, currency, receiver_type, receiver_taxpayer_type, receiver_ruc, receiver_dv,"
            " receiver_identification, receiver_name, receiver_location_code, subtotal, discount_total, itbms_total,"
            " total, total_cents, number_key, search, issued_at, issuer_name)"
            " VALUES ($1, $2, 'INVOICE', $3, '0000', $4, $5::text, 'ISSUED', current_date, 'PAB', 'TAXPAYER',"
            " 'JURIDICAL', $6, '00', $6, $7, '8-8-7', 49.95, 0, 3.51, 53.46, 5346, $5::text, $8, now(), 'Bench, S.A.')",
            *(invoice, account, customer, point, f"{number:010}", ruc, "Cliente de prueba, S.A.", f" {number} {ruc}"),
        )
        amounts = (Decimal(amount) for amount in ("3", "5.55", "0", "16.65", "1.17", "17.82"))
        quantity, price, discount, net, itbms, total = ([amount] * 3 for amount in amounts)
        await connection.execute(
            "INSERT INTO document_line (account_id, document_id, id, position, description, quantity, unit_price,"
            " discount, itbms_rate, net, itbms, total)"
            " SELECT $1, $2, * FROM unnest($3::uuid[], $4::integer[], $5::text[], $6::numeric[], $7::numeric[],"
            " $8::numeric[], $9::text[], $10::numeric[], $11::numeric[], $12::numeric[])",
            *(account, invoice, [uuid7() for _ in range(3)], [1, 2, 3], ["Café"] * 3),
            *(quantity, price, discount, ["RATE_7"] * 3, net, itbms, total),
        )
    async with request.app.state.pool.acquire() as connection:
        row = await connection.fetchval(
            "SELECT json_build_object('id', id, 'number', number, 'total', total::text) FROM document"
            " WHERE account_id = $1 AND id = $2",
            *(account, invoice),
        )
    return Response(row, media_type="application/json")


app = Starlette(
    routes=[Route("/page", page, methods=["POST"]), Route("/create", create, methods=["POST"])], lifespan=lifespan
)

if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ["PORT"]), log_level="warning", access_log=False)
