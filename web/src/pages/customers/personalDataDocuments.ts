import { graphql, type PersonalDataRequestsQuery } from "@/graphql";

export const PERSONAL_DATA_REQUESTS = graphql(/* GraphQL */ `
  query PersonalDataRequests($id: ID!) {
    personalDataRequests(customerId: $id, first: 20) {
      edges {
        node {
          id
          kind
          receivedOn
          dueOn
          status
          overdue
          reason
          answeredAt
        }
      }
    }
  }
`);

export type PersonalDataRequest = PersonalDataRequestsQuery["personalDataRequests"]["edges"][number]["node"];

export const REGISTER_REQUEST = graphql(/* GraphQL */ `
  mutation RegisterPersonalDataRequest($id: ID!, $kind: PersonalDataRequestKind!, $receivedOn: Date) {
    registerPersonalDataRequest(customerId: $id, kind: $kind, receivedOn: $receivedOn) {
      request {
        id
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const REFUSE_REQUEST = graphql(/* GraphQL */ `
  mutation RefusePersonalDataRequest($id: ID!, $reason: String!) {
    refusePersonalDataRequest(id: $id, reason: $reason) {
      request {
        id
        status
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const EXPORT_PERSONAL_DATA = graphql(/* GraphQL */ `
  mutation ExportPersonalData($id: ID!) {
    exportPersonalData(customerId: $id) {
      request {
        id
      }
      jsonUrl
      pdfUrl
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const ERASE_PERSONAL_DATA = graphql(/* GraphQL */ `
  mutation ErasePersonalData($id: ID!, $reason: String!, $version: Int!) {
    erasePersonalData(customerId: $id, reason: $reason, version: $version) {
      request {
        id
        customer {
          id
          status
          name
        }
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);
