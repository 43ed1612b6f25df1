import { graphql } from "@/graphql";

graphql(/* GraphQL */ `
  fragment EmissionOverview on EmissionStatus {
    provider
    environment
    sandbox
    away
    awaySince
    open
    oldestOpenSince
    rejected
    blocked {
      reason
      count
    }
    folios {
      total
      used
      available
      licenceUntil
      checkedAt
    }
    differences {
      kind
      subject
      documentId
      message
      since
    }
  }
`);

export const EMISSION = graphql(/* GraphQL */ `
  query Emission {
    emissionStatus {
      ...EmissionOverview
    }
  }
`);

/** Invoices that are blocked, a page of them. */
export const BLOCKED_INVOICES = graphql(/* GraphQL */ `
  query BlockedInvoices($reasons: [BlockedReason!]!, $after: String) {
    invoices(filter: { blockedReason: $reasons }, first: 100, after: $after) {
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        node {
          id
          number
          branch
          billingPoint
        }
      }
    }
  }
`);

export const TEST_PAC_CONNECTION = graphql(/* GraphQL */ `
  mutation CheckPacConnection {
    checkPacConnection {
      ok
      available
      licenceUntil
      userErrors {
        ...Refusal
      }
    }
  }
`);
