import { type CustomerQuery, graphql } from "@/graphql";

/** All that the form of a customer holds. The table in fields.tsx reads its fields from here. */
graphql(/* GraphQL */ `
  fragment EditableCustomer on Customer {
    id
    version
    receiverType
    taxpayerType
    ruc
    dv
    foreignId {
      type
      number
      country
    }
    name
    location {
      code
      corregimiento
      district
      province
    }
    address
    email
    phone
    mobile
    paymentTermDays
    language
    associatedPersons {
      id
      name
      email
      phone
      notify
    }
    externalId
    tags
    metadata {
      key
      value
    }
  }
`);

export const CUSTOMERS = graphql(/* GraphQL */ `
  query Customers(
    $search: String
    $filter: CustomerFilter
    $orderBy: CustomerOrder
    $first: Int
    $after: String
    $last: Int
    $before: String
  ) {
    customers(
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
          name
          identification
          phone
          mobile
          receiverType
          taxpayerType
          ruc
          dv
          foreignId {
            type
            number
            country
          }
          address
          email
          tags
          status
          location {
            code
            corregimiento
            district
            province
          }
          verification {
            status
          }
        }
      }
    }
  }
`);

export const CUSTOMER = graphql(/* GraphQL */ `
  query Customer($id: ID!) {
    customer(id: $id) {
      ...EditableCustomer
      identification
      status
      verification {
        status
        checkedAt
        registryName
      }
      invoiceCount
      invoicedTotal
      createdAt
      updatedAt
    }
  }
`);

export type Customer = NonNullable<CustomerQuery["customer"]>;

/** Invoices and notes. */
export const CUSTOMER_DOCUMENTS = graphql(/* GraphQL */ `
  query CustomerDocuments($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
    documents(filter: { customerId: $id }, first: $first, after: $after, last: $last, before: $before) {
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
      edges {
        node {
          id
          documentType
          number
          billingPoint
          status
          issueDate
          currency
          total
          ... on Invoice {
            overdue
            dueDate
          }
        }
      }
    }
  }
`);

export const CREATE_CUSTOMER = graphql(/* GraphQL */ `
  mutation CreateCustomer($input: CustomerInput!, $idempotencyKey: String) {
    createCustomer(input: $input, idempotencyKey: $idempotencyKey) {
      customer {
        id
        name
        identification
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const UPDATE_CUSTOMER = graphql(/* GraphQL */ `
  mutation UpdateCustomer($id: ID!, $input: CustomerPatch!, $version: Int) {
    updateCustomer(id: $id, input: $input, version: $version) {
      customer {
        ...EditableCustomer
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const ARCHIVE_CUSTOMER = graphql(/* GraphQL */ `
  mutation ArchiveCustomer($id: ID!) {
    archiveCustomer(id: $id) {
      customer {
        id
        status
        version
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const RESTORE_CUSTOMER = graphql(/* GraphQL */ `
  mutation RestoreCustomer($id: ID!) {
    restoreCustomer(id: $id) {
      customer {
        id
        status
        version
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const CUSTOMER_CHANGED = graphql(/* GraphQL */ `
  subscription CustomerChanged($id: ID) {
    customerChanged(id: $id) {
      event {
        id
        type
      }
      customer {
        id
        version
      }
    }
  }
`);
