import { graphql } from "@/graphql";

/** What the form of an invoice needs to know of the account. */
export const INVOICE_SETTINGS = graphql(/* GraphQL */ `
  query InvoiceSettings {
    viewer {
      account {
        id
        paymentMethod
        branches {
          code
          name
        }
        billingPoints {
          branch
          code
          name
        }
      }
    }
  }
`);

export const UNITS = graphql(/* GraphQL */ `
  query Units($search: String) {
    units(search: $search, first: 30) {
      code
      name
    }
  }
`);

export const CPBS = graphql(/* GraphQL */ `
  query Cpbs($search: String) {
    cpbs(search: $search, first: 30) {
      code
      name
      family
    }
  }
`);

export const CPBS_SUGGESTIONS = graphql(/* GraphQL */ `
  query CpbsSuggestions($description: String!, $customerId: ID) {
    cpbsSuggestions(description: $description, customerId: $customerId) {
      cpbs {
        code
        name
      }
      description
    }
  }
`);

export const LINE_SUGGESTIONS = graphql(/* GraphQL */ `
  query LineSuggestions($search: String, $customerId: ID) {
    lineSuggestions(search: $search, customerId: $customerId, first: 6) {
      description
      code
      unit
      cpbs
      unitPrice
      discount
      itbmsRate
    }
  }
`);

export const PAYMENT_FORMS = graphql(/* GraphQL */ `
  query PaymentForms($search: String) {
    paymentForms(search: $search) {
      method
    }
  }
`);

export const CUSTOMER_CHOICES = graphql(/* GraphQL */ `
  query CustomerChoices($search: String) {
    customers(search: $search, first: 8) {
      edges {
        node {
          id
          name
          identification
          receiverType
        }
      }
    }
  }
`);

/** The name of a customer whose id is known. */
export const CHOSEN_CUSTOMER = graphql(/* GraphQL */ `
  query ChosenCustomer($id: ID!) {
    customer(id: $id) {
      id
      name
      identification
      receiverType
      status
    }
  }
`);
