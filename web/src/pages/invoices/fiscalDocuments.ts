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
