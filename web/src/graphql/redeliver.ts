import { graphql } from "@/graphql";

/** Delivers the event of a webhook or the e-mail of an invoice again. */
export const REDELIVER = graphql(/* GraphQL */ `
  mutation Redeliver($id: ID!) {
    redeliver(id: $id) {
      deliveryId
      userErrors {
        ...Refusal
      }
    }
  }
`);
