import { graphql } from "@/graphql";

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
