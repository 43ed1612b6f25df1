// The documents of a small Relay app: a paged list of customers, each with its invoices, and a mutation.
import { graphql } from "relay-runtime";

export const Customers = graphql`
  query appCustomersQuery($search: String) {
    ...app_customers @arguments(search: $search)
  }
`;

export const CustomersFragment = graphql`
  fragment app_customers on Query
  @refetchable(queryName: "appCustomersPaginationQuery")
  @argumentDefinitions(
    search: { type: "String" }
    count: { type: "Int", defaultValue: 2 }
    cursor: { type: "String" }
  ) {
    customers(search: $search, first: $count, after: $cursor, orderBy: { field: NAME, direction: ASC })
      @connection(key: "app_customers", filters: ["search"]) {
      totalCount
      edges {
        node {
          id
          ...app_customer
        }
      }
    }
  }
`;

export const CustomerFragment = graphql`
  fragment app_customer on Customer
  @refetchable(queryName: "appCustomerRefetchQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 1 }, cursor: { type: "String" }) {
    name
    invoiceCount
    invoices(first: $count, after: $cursor) @connection(key: "app_customer_invoices") {
      edges {
        node {
          number
          total
        }
      }
    }
  }
`;

export const Refetched = graphql`
  query appNodeQuery($id: ID!) {
    node(id: $id) {
      __typename
      ... on Customer {
        name
        ...app_customer @alias
      }
      ... on Invoice {
        ...app_invoice @alias
      }
    }
  }
`;

export const Rename = graphql`
  mutation appRenameMutation($id: ID!, $name: String!) {
    updateCustomer(id: $id, input: { name: $name }) {
      customer {
        id
        name
      }
      userErrors {
        path
        code
      }
    }
  }
`;

export const Changes = graphql`
  subscription appChangesSubscription {
    invoiceChanged {
      invoice {
        id
        status
        ...app_invoice @alias
      }
    }
  }
`;

export const InvoiceFragment = graphql`
  fragment app_invoice on Invoice {
    number
    status
    lines {
      description
      net
    }
    receiver {
      name
      location {
        province
      }
    }
  }
`;
