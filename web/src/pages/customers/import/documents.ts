import { graphql } from "@/graphql";

graphql(/* GraphQL */ `
  fragment ImportProgress on Import {
    id
    status
    policy
    rowCount
    done
    created
    updated
    unchanged
    skipped
    failed
    undone
    keepUntil
  }
`);

export const IMPORTS = graphql(/* GraphQL */ `
  query Imports {
    imports(first: 10) {
      edges {
        node {
          ...ImportProgress
          fileName
          createdAt
        }
      }
    }
  }
`);

export const IMPORT = graphql(/* GraphQL */ `
  query Import($id: ID!) {
    import(id: $id) {
      ...ImportProgress
      fileName
      encoding
      delimiter
      sheet
      headerRow
      onDuplicate
      columns {
        header
        samples
        target
      }
    }
  }
`);

export const IMPORT_ROWS = graphql(/* GraphQL */ `
  query ImportRows($id: ID!, $outcomes: [Outcome!], $after: String) {
    importRows(importId: $id, outcomes: $outcomes, first: 50, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        node {
          number
          cells
          result {
            outcome
            userErrors {
              message
            }
          }
        }
      }
    }
  }
`);

export const IMPORT_CHANGED = graphql(/* GraphQL */ `
  subscription ImportChanged($id: ID!) {
    importChanged(id: $id) {
      import {
        ...ImportProgress
      }
    }
  }
`);

export const IMPORT_CUSTOMERS = graphql(/* GraphQL */ `
  mutation ImportCustomers(
    $id: ID!
    $columns: [CustomerColumn]
    $errorPolicy: ErrorPolicy!
    $onDuplicate: OnDuplicate!
    $dryRun: Boolean!
    $idempotencyKey: String!
  ) {
    importCustomers(
      importId: $id
      columns: $columns
      errorPolicy: $errorPolicy
      onDuplicate: $onDuplicate
      dryRun: $dryRun
      idempotencyKey: $idempotencyKey
    ) {
      import {
        ...ImportProgress
        columns {
          header
          samples
          target
        }
      }
      userErrors {
        message
      }
    }
  }
`);

export const UNDO_IMPORT = graphql(/* GraphQL */ `
  mutation UndoImport($id: ID!) {
    undoImport(importId: $id) {
      import {
        ...ImportProgress
      }
      userErrors {
        message
      }
    }
  }
`);
