import { graphql, type DuplicateCandidatesQuery, type MergeCustomersMutation } from "@/graphql";

export const DUPLICATE_CANDIDATES = graphql(/* GraphQL */ `
  query DuplicateCandidates($after: String) {
    duplicateCandidates(first: 20, after: $after) {
      edges {
        node {
          customer {
            ...Duplicate
          }
          matches {
            reasons
            customer {
              ...Duplicate
            }
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }

  fragment Duplicate on Customer {
    id
    name
    identification
    phone
    mobile
    email
    createdAt
    invoiceCount
  }
`);

export const KEEP_APART = graphql(/* GraphQL */ `
  mutation KeepCustomersApart($ids: [ID!]!) {
    keepCustomersApart(ids: $ids) {
      customer {
        id
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);

export type Candidate = DuplicateCandidatesQuery["duplicateCandidates"]["edges"][number]["node"];

export const CUSTOMERS_TO_MERGE = graphql(/* GraphQL */ `
  query CustomersToMerge($ids: [ID!]!) {
    nodes(ids: $ids) {
      ... on Customer {
        ...EditableCustomer
        identification
        status
        createdAt
        invoiceCount
      }
    }
  }
`);

export const MERGE_CUSTOMERS = graphql(/* GraphQL */ `
  mutation MergeCustomers(
    $from: [ID!]!
    $into: ID!
    $choices: [MergeChoice!]
    $dryRun: Boolean!
    $idempotencyKey: String
  ) {
    mergeCustomers(
      from: $from
      into: $into
      choices: $choices
      dryRun: $dryRun
      idempotencyKey: $idempotencyKey
    ) {
      customer {
        id
        name
      }
      fields {
        name
        winnerIds
        values {
          customerId
          text
        }
      }
      documentCount
      warnings {
        message
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);

export type Preview = MergeCustomersMutation["mergeCustomers"];

export const CUSTOMER_MERGES = graphql(/* GraphQL */ `
  query CustomerMerges($customerId: ID) {
    customerMerges(customerId: $customerId, first: 20) {
      edges {
        node {
          id
          documentCount
          mergedAt
          undoUntil
          customer {
            id
            name
            identification
          }
          survivor {
            id
            name
          }
        }
      }
    }
  }
`);

export const UNDO_MERGE = graphql(/* GraphQL */ `
  mutation UndoMerge($id: ID!) {
    undoMerge(id: $id) {
      customer {
        id
        name
        status
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);
