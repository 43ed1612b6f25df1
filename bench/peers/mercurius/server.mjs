// A peer: Mercurius with graphql-jit and a loader for each level, without keys or row-level security.
import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";

const DATE = 1082;
pg.types.setTypeParser(DATE, (value) => value);
const pool = new pg.Pool({ database: process.env.PGDATABASE, max: 10 });

const schema = `
  type Query {
    invoices(first: Int!, account: ID!): InvoiceConnection!
    customer(id: ID!, account: ID!): Customer
  }
  type InvoiceConnection { edges: [InvoiceEdge!]! }
  type InvoiceEdge { node: Invoice! }
  type Invoice {
    id: ID! number: String status: String! issueDate: String! total: String! customer: Customer! lines: [Line!]!
  }
  type Customer {
    id: ID! name: String! ruc: String identification: String! phone: String email: String location: Location
  }
  type Location { code: ID! corregimiento: String! province: String! }
  type Line { description: String! quantity: String! unitPrice: String! net: String! }
`;

// Statements with a name are prepared once for each connection.
async function rows(name, text, values) {
  return (await pool.query({ name, text, values })).rows;
}

const INVOICES = `
  SELECT id, number, status, issue_date AS "issueDate", total::text, customer_id, account_id FROM document
  WHERE account_id = $1 AND type = 'INVOICE' ORDER BY issue_date DESC, id DESC LIMIT $2`;
const CUSTOMER = `
  SELECT id, name, ruc, identification, phone, email, location_code FROM customer WHERE account_id = $1 AND id = $2`;
const CUSTOMERS = `SELECT id, name, ruc, location_code FROM customer WHERE account_id = $1 AND id = ANY($2)`;
const LINES = `
  SELECT document_id, description, trim_scale(quantity)::text AS quantity,
    trim_scale(unit_price)::text AS "unitPrice", net::text
  FROM document_line WHERE account_id = $1 AND document_id = ANY($2) ORDER BY document_id, position`;
const LOCATIONS = `SELECT code, corregimiento, province_name AS province FROM location WHERE code = ANY($1)`;

const resolvers = {
  Query: {
    async invoices(_, { first, account }) {
      const found = await rows("invoices", INVOICES, [account, first]);
      return { edges: found.map((node) => ({ node })) };
    },
    async customer(_, { id, account }) {
      return (await rows("customer", CUSTOMER, [account, id]))[0];
    },
  },
};

const opts = { cache: false };
const loaders = {
  Invoice: {
    customer: {
      opts,
      async loader(queries) {
        const ids = [...new Set(queries.map(({ obj }) => obj.customer_id))];
        const found = await rows("customers", CUSTOMERS, [queries[0].obj.account_id, ids]);
        const byId = new Map(found.map((row) => [row.id, row]));
        return queries.map(({ obj }) => byId.get(obj.customer_id));
      },
    },
    lines: {
      opts,
      async loader(queries) {
        const ids = queries.map(({ obj }) => obj.id);
        const found = await rows("lines", LINES, [queries[0].obj.account_id, ids]);
        const byInvoice = new Map(ids.map((id) => [id, []]));
        for (const row of found) byInvoice.get(row.document_id).push(row);
        return queries.map(({ obj }) => byInvoice.get(obj.id));
      },
    },
  },
  Customer: {
    location: {
      opts,
      async loader(queries) {
        const codes = [...new Set(queries.map(({ obj }) => obj.location_code))];
        const found = await rows("locations", LOCATIONS, [codes]);
        const byCode = new Map(found.map((row) => [row.code, row]));
        return queries.map(({ obj }) => byCode.get(obj.location_code));
      },
    },
  },
};

const app = Fastify({ logger: false });
app.register(mercurius, { schema, resolvers, loaders, jit: 1 });
app.get("/healthz", async () => "ok");
await app.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });
