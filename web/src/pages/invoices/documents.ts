import { graphql } from "@/graphql";

/** What every sales document has, as its page shows it. */
graphql(/* GraphQL */ `
  fragment Document on SalesDocument {
    id
    number
    branch
    billingPoint
    status
    issueDate
    currency
    documentType
    subtotal
    discountTotal
    itbmsTotal
    total
    electronic
    notify
    fiscal {
      ...FiscalStory
    }
    notes
    externalId
    tags
    metadata {
      key
      value
    }
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
      code
      unit
      cpbs
      quantity
      unitPrice
      discount
      itbmsRate
      net
      itbms
      total
      invoicePosition
      creditableQuantity
      creditableNet
    }
    customer {
      id
      name
      identification
      receiverType
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
      address
      phone
      mobile
      email
      terms
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
    links {
      id
      createdAt
      expiresAt
      mailed
    }
    deliveries {
      id
      type
      email
      status
      attempts
      error
      beganAt
      nextAttemptAt
      settledAt
    }
    history {
      id
      kind
      occurredAt
      keyName
      sentTo
    }
  }
`);

/** What only invoices have. */
graphql(/* GraphQL */ `
  fragment OfInvoice on Invoice {
    overdue
    dueDate
    export {
      country
      incoterm
      port
    }
    paymentForms {
      method
      amount
      description
    }
    instalments {
      dueDate
      amount
    }
    withholding {
      code
      amount
    }
    purchaseOrder
    receiverDrift {
      field
      issued
      current
    }
    creditableTotal
    creditNotes {
      ...NoteOfInvoice
    }
    debitNotes {
      ...NoteOfInvoice
    }
  }
`);

graphql(/* GraphQL */ `
  fragment NoteOfInvoice on SalesDocument {
    id
    number
    billingPoint
    documentType
    status
    issueDate
    currency
    total
    fiscal {
      status
      environment
    }
  }
`);

/** The invoice that a note refers to. */
graphql(/* GraphQL */ `
  fragment InvoiceOfNote on Invoice {
    id
    number
    billingPoint
    issueDate
  }
`);

/** What the pages of a document know of the account. */
graphql(/* GraphQL */ `
  fragment AccountOfDocument on Account {
    id
    name
    ruc
    dv
    address
    phone
    mobile
    email
    terms
    paymentMethod
    branches {
      code
      name
    }
    billingPoints {
      branch
      code
      name
    }
  }
`);

/** A document of any type. */
export const DOCUMENT = graphql(/* GraphQL */ `
  query Document($id: ID!) {
    viewer {
      account {
        ...AccountOfDocument
      }
    }
    document(id: $id) {
      ...Document
      ... on Invoice {
        ...OfInvoice
      }
      ... on CreditNote {
        reason
        invoice {
          ...InvoiceOfNote
        }
      }
      ... on DebitNote {
        reason
        invoice {
          ...InvoiceOfNote
        }
      }
    }
  }
`);

export const INVOICE = graphql(/* GraphQL */ `
  query Invoice($id: ID!) {
    viewer {
      account {
        ...AccountOfDocument
      }
    }
    invoice(id: $id) {
      ...Document
      ...OfInvoice
    }
  }
`);

export const CREATE_INVOICE = graphql(/* GraphQL */ `
  mutation CreateInvoice(
    $input: InvoiceInput!
    $customerId: ID
    $newCustomer: CustomerInput
    $notify: Boolean!
    $idempotencyKey: String!
  ) {
    createInvoice(
      notify: $notify
      input: $input
      customerId: $customerId
      newCustomer: $newCustomer
      idempotencyKey: $idempotencyKey
    ) {
      invoice {
        id
        number
      }
      warnings {
        message
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
  mutation IssueInvoice($id: ID!, $version: Int!, $notify: Boolean!) {
    issueInvoice(id: $id, version: $version, notify: $notify) {
      invoice {
        id
        number
        status
      }
      warnings {
        message
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const VOID_INVOICE = graphql(/* GraphQL */ `
  mutation VoidInvoice($id: ID!, $reason: String!, $version: Int!) {
    voidInvoice(id: $id, reason: $reason, version: $version) {
      invoice {
        id
        status
        fiscal {
          status
        }
      }
      warnings {
        message
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

export const DOCUMENT_CHANGED = graphql(/* GraphQL */ `
  subscription DocumentChanged($id: ID) {
    documentChanged(id: $id) {
      event {
        id
      }
    }
  }
`);

export const UPDATE_REFERENCES = graphql(/* GraphQL */ `
  mutation UpdateReferences($id: ID!, $input: ReferencesPatch!, $version: Int) {
    updateDocumentReferences(id: $id, input: $input, version: $version) {
      document {
        id
        version
        externalId
        tags
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);
