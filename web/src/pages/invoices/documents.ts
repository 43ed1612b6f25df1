import { graphql } from "@/graphql";

graphql(/* GraphQL */ `
  fragment FiscalStory on Fiscal {
    status
    environment
    cufe
    protocol
    authorizedAt
    qr
    consultationUrl
    provider
    faults {
      code
      field
      path
      line
      message
      notice
    }
    blockedReason
    blockedMessage
    attempts
    lastAttemptAt
    nextAttemptAt
    voidableUntil
    voidRefusal
    xmlAvailable
    pdfAvailable
  }
`);

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
      totals {
        currency
        status
        count
        total
      }
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
          branch
          billingPoint
          status
          overdue
          fiscal {
            status
            environment
          }
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
    }
  }
`);

export const UNITS = graphql(/* GraphQL */ `
  query Units($search: String) {
    units(search: $search, first: 30) {
      code
      name
    }
  }
`);

export const CPBS = graphql(/* GraphQL */ `
  query Cpbs($search: String) {
    cpbs(search: $search, first: 30) {
      code
      name
      family
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
          receiverType
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
      receiverType
      status
    }
  }
`);

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

export const VOID_NOTE = graphql(/* GraphQL */ `
  mutation VoidNote($id: ID!, $reason: String!, $version: Int!) {
    voidNote(id: $id, reason: $reason, version: $version) {
      note {
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

export const CREATE_CREDIT_NOTE = graphql(/* GraphQL */ `
  mutation CreateCreditNote(
    $input: CreditNoteInput!
    $dryRun: Boolean!
    $notify: Boolean!
    $idempotencyKey: String
  ) {
    createCreditNote(input: $input, dryRun: $dryRun, notify: $notify, idempotencyKey: $idempotencyKey) {
      creditNote {
        ...CreatedNote
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

export const CREATE_DEBIT_NOTE = graphql(/* GraphQL */ `
  mutation CreateDebitNote(
    $input: DebitNoteInput!
    $dryRun: Boolean!
    $notify: Boolean!
    $idempotencyKey: String
  ) {
    createDebitNote(input: $input, dryRun: $dryRun, notify: $notify, idempotencyKey: $idempotencyKey) {
      debitNote {
        ...CreatedNote
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

graphql(/* GraphQL */ `
  fragment CreatedNote on SalesDocument {
    id
    number
    subtotal
    discountTotal
    itbmsTotal
    total
    taxes {
      rate
      base
      amount
    }
  }
`);

export const CORRECT_DOCUMENT = graphql(/* GraphQL */ `
  mutation CorrectDocument($id: ID!, $input: InvoiceCorrection!, $version: Int!, $idempotencyKey: String!) {
    correctDocument(id: $id, input: $input, version: $version, idempotencyKey: $idempotencyKey) {
      document {
        id
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

export const RETRY_EMISSION = graphql(/* GraphQL */ `
  mutation RetryEmission($id: ID!) {
    retryEmission(id: $id) {
      document {
        id
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const RENUMBER_DOCUMENT = graphql(/* GraphQL */ `
  mutation RenumberDocument($id: ID!) {
    renumberDocument(id: $id) {
      document {
        id
        number
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const SEND_DOCUMENT = graphql(/* GraphQL */ `
  mutation SendDocument($id: ID!, $to: [String!]!, $message: String, $idempotencyKey: String!) {
    sendDocument(id: $id, to: $to, message: $message, idempotencyKey: $idempotencyKey) {
      document {
        id
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const CREATE_DOCUMENT_LINK = graphql(/* GraphQL */ `
  mutation CreateDocumentLink($id: ID!) {
    createDocumentLink(id: $id) {
      path
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const REVOKE_DOCUMENT_LINK = graphql(/* GraphQL */ `
  mutation RevokeDocumentLink($id: ID!) {
    revokeDocumentLink(id: $id) {
      link {
        id
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const PAYMENT_FORMS = graphql(/* GraphQL */ `
  query PaymentForms($search: String) {
    paymentForms(search: $search) {
      method
    }
  }
`);

export const CPBS_SUGGESTIONS = graphql(/* GraphQL */ `
  query CpbsSuggestions($description: String!, $customerId: ID) {
    cpbsSuggestions(description: $description, customerId: $customerId) {
      cpbs {
        code
        name
      }
      description
    }
  }
`);

export const LINE_SUGGESTIONS = graphql(/* GraphQL */ `
  query LineSuggestions($search: String, $customerId: ID) {
    lineSuggestions(search: $search, customerId: $customerId, first: 6) {
      description
      code
      unit
      cpbs
      unitPrice
      discount
      itbmsRate
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

graphql(/* GraphQL */ `
  fragment ListedNote on SalesDocument {
    id
    number
    branch
    billingPoint
    status
    fiscal {
      status
      environment
    }
    issueDate
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
`);

export const CREDIT_NOTES = graphql(/* GraphQL */ `
  query CreditNotes(
    $search: String
    $filter: DocumentFilter
    $orderBy: InvoiceOrder
    $first: Int
    $after: String
    $last: Int
    $before: String
  ) {
    creditNotes(
      search: $search
      filter: $filter
      orderBy: $orderBy
      first: $first
      after: $after
      last: $last
      before: $before
    ) {
      totalCount
      totals {
        currency
        status
        count
        total
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
      edges {
        node {
          ...ListedNote
          invoice {
            ...InvoiceOfNote
          }
        }
      }
    }
  }
`);

export const DEBIT_NOTES = graphql(/* GraphQL */ `
  query DebitNotes(
    $search: String
    $filter: DocumentFilter
    $orderBy: InvoiceOrder
    $first: Int
    $after: String
    $last: Int
    $before: String
  ) {
    debitNotes(
      search: $search
      filter: $filter
      orderBy: $orderBy
      first: $first
      after: $after
      last: $last
      before: $before
    ) {
      totalCount
      totals {
        currency
        status
        count
        total
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
      edges {
        node {
          ...ListedNote
          invoice {
            ...InvoiceOfNote
          }
        }
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
