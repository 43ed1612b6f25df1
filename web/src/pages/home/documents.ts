import { graphql } from "@/graphql";

/** All that the page shows, in one request. */
export const OVERVIEW = graphql(/* GraphQL */ `
  query Overview {
    overview {
      today
      currencies {
        currency
        months {
          month
          invoices
          debitNotes
          creditNotes
          total
          itbms
          net
        }
        overdue {
          fromDays
          toDays
          count
          total
        }
        bestCustomers {
          id
          name
          total
        }
      }
      overdue
      rejected {
        invoices
        creditNotes
        debitNotes
      }
      blocked {
        invoices
        creditNotes
        debitNotes
      }
      unverified {
        status
        count
      }
      incomplete
    }
  }
`);
