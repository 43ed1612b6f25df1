import { graphql } from "@/graphql";

graphql(/* GraphQL */ `
  fragment SumOfList on InvoiceTotals {
    currency
    status
    count
    total
  }
`);

graphql(/* GraphQL */ `
  fragment PlaceInList on PageInfo {
    hasNextPage
    hasPreviousPage
    startCursor
    endCursor
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
        ...SumOfList
      }
      pageInfo {
        ...PlaceInList
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
        ...SumOfList
      }
      pageInfo {
        ...PlaceInList
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
        ...SumOfList
      }
      pageInfo {
        ...PlaceInList
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
