import { graphql } from "@/graphql";

export const INVOICES = graphql(/* GraphQL */ `
  query Invoices(
    $search: String
    $filter: InvoiceFilter
    $orderBy: InvoiceOrder
    $first: Int
    $after: String
    $last: Int
    $before: String
  ) {
    invoices(
      search: $search
      filter: $filter
      orderBy: $orderBy
      first: $first
      after: $after
      last: $last
      before: $before
    ) {
      totalCount
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
      edges {
        node {
          id
          number
          billingPoint
          status
          overdue
          issueDate
          dueDate
          currency
          total
          customer {
            id
            name
            identification
          }
          receiver {
            name
            identification
          }
        }
      }
    }
  }
`);

/** What the form of an invoice needs to know of the account. */
export const INVOICE_SETTINGS = graphql(/* GraphQL */ `
  query InvoiceSettings {
    viewer {
      account {
        id
        billingPoints {
          code
          name
        }
      }
    }
  }
`);

export const CUSTOMER_CHOICES = graphql(/* GraphQL */ `
  query CustomerChoices($search: String) {
    customers(search: $search, first: 8) {
      edges {
        node {
          id
          name
          identification
        }
      }
    }
  }
`);

/** The name of a customer whose id is known. */
export const CHOSEN_CUSTOMER = graphql(/* GraphQL */ `
  query ChosenCustomer($id: ID!) {
    customer(id: $id) {
      id
      name
      identification
      status
    }
  }
`);

export const INVOICE = graphql(/* GraphQL */ `
  query Invoice($id: ID!) {
    viewer {
      account {
        id
        name
        ruc
        dv
        billingPoints {
          code
          name
        }
      }
    }
    invoice(id: $id) {
      id
      number
      billingPoint
      status
      overdue
      issueDate
      dueDate
      currency
      subtotal
      discountTotal
      itbmsTotal
      total
      notes
      voidReason
      voidedAt
      createdAt
      updatedAt
      version
      taxes {
        rate
        base
        amount
      }
      lines {
        position
        description
        quantity
        unitPrice
        discount
        itbmsRate
        net
        itbms
        total
      }
      customer {
        id
        name
        identification
        status
        address
        email
        phone
        mobile
        location {
          code
          corregimiento
          district
          province
        }
      }
      issuer {
        name
        ruc
        dv
      }
      receiver {
        name
        identification
        address
        email
        phone
        mobile
        location {
          code
          corregimiento
          district
          province
        }
      }
      receiverDrift {
        field
        issued
        current
      }
      deliveries {
        id
        email
        status
        attempts
        error
        beganAt
        nextAttemptAt
        settledAt
      }
    }
  }
`);

export const CREATE_INVOICE = graphql(/* GraphQL */ `
  mutation CreateInvoice(
    $input: InvoiceInput!
    $customerId: ID
    $newCustomer: CustomerInput
    $idempotencyKey: String!
  ) {
    createInvoice(
      input: $input
      customerId: $customerId
      newCustomer: $newCustomer
      idempotencyKey: $idempotencyKey
    ) {
      invoice {
        id
        number
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const UPDATE_INVOICE = graphql(/* GraphQL */ `
  mutation UpdateInvoice($id: ID!, $input: InvoicePatch!, $version: Int) {
    updateInvoice(id: $id, input: $input, version: $version) {
      invoice {
        id
        version
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const ISSUE_INVOICE = graphql(/* GraphQL */ `
  mutation IssueInvoice($id: ID!) {
    issueInvoice(id: $id) {
      invoice {
        id
        number
        status
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const VOID_INVOICE = graphql(/* GraphQL */ `
  mutation VoidInvoice($id: ID!, $reason: String!) {
    voidInvoice(id: $id, reason: $reason) {
      invoice {
        id
        status
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const DELETE_DRAFT = graphql(/* GraphQL */ `
  mutation DeleteDraft($id: ID!) {
    deleteDraft(id: $id) {
      deletedId
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const INVOICE_CHANGED = graphql(/* GraphQL */ `
  subscription InvoiceChanged($id: ID) {
    invoiceChanged(id: $id) {
      event {
        id
      }
    }
  }
`);
