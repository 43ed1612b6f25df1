import { graphql } from "@/graphql";

/** Deliver a webhook's event or an invoice's mail once more. */
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
