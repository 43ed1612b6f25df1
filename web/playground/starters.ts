/** Requests for newcomers to try, each in a tab. */

type Starter = { query: string; variables?: string };

const customers = `# Invoices of customers whose name,
# RUC or phone contains a word.
# No data yet? server.py seed-demo fills the account.

query Customers($search: String = "") {
  customers(search: $search, first: 5) {
    totalCount
    edges {
      node {
        name
        identification
        location { corregimiento district province }
        invoiceCount
        invoicedTotal
        invoices(first: 3) {
          edges { node { number issueDate status total } }
        }
      }
    }
  }
}
`;

const invoice = `# A sales invoice for a new customer:
# both are stored together or not at all.
# With dryRun everything is checked and nothing stored.

mutation NewInvoice($input: InvoiceInput!, $customer: CustomerInput!, $dryRun: Boolean!) {
  createInvoice(input: $input, newCustomer: $customer, onDuplicate: USE_EXISTING, dryRun: $dryRun) {
    customerCreated
    customer { name identification location { corregimiento province } }
    invoice {
      number
      status
      total
      taxes { rate base amount }
      lines { description net itbms total }
    }
    userErrors { path code message expected }
  }
}
`;

/** With values that the service would default: the editor marks them as missing. */
const newInvoice = {
  input: {
    issue: true,
    currency: "PAB",
    lines: [
      {
        description: "Café de Boquete, libra",
        quantity: "3",
        unitPrice: "5.55",
        discount: "0",
        itbmsRate: "RATE_7",
      },
      { description: "Entrega", quantity: "1", unitPrice: "2.00", discount: "0", itbmsRate: "EXEMPT" },
    ],
  },
  customer: {
    receiverType: "TAXPAYER",
    ruc: "155596713-2-2015",
    name: "Hoteles del Istmo, S.A.",
    locationCode: "8-8-7",
    completeFromRegistry: false,
  },
  dryRun: true,
};

const lookup = `# Consultar: what the registry says of a RUC.

query Consultar($ruc: String!) {
  lookupRuc(ruc: $ruc) {
    status
    ruc
    dv
    taxpayerType
    name
    source
    existingCustomer { id name }
    suggestions
  }
}
`;

export const starters: Starter[] = [
  { query: customers }, // GraphiQL drops the variables of the first tab
  { query: invoice, variables: json(newInvoice) },
  { query: lookup, variables: json({ ruc: "8-NT-1-13656" }) },
];

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
