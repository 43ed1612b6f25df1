import { graphql } from "@/graphql";

export const CREATE_CREDIT_NOTE = graphql(/* GraphQL */ `
  mutation CreateCreditNote(
    $input: CreditNoteInput!
    $dryRun: Boolean!
    $notify: Boolean!
    $idempotencyKey: String
  ) {
    createCreditNote(input: $input, dryRun: $dryRun, notify: $notify, idempotencyKey: $idempotencyKey) {
      creditNote {
        ...CreatedNote
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

export const CREATE_DEBIT_NOTE = graphql(/* GraphQL */ `
  mutation CreateDebitNote(
    $input: DebitNoteInput!
    $dryRun: Boolean!
    $notify: Boolean!
    $idempotencyKey: String
  ) {
    createDebitNote(input: $input, dryRun: $dryRun, notify: $notify, idempotencyKey: $idempotencyKey) {
      debitNote {
        ...CreatedNote
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

graphql(/* GraphQL */ `
  fragment CreatedNote on SalesDocument {
    id
    number
    subtotal
    discountTotal
    itbmsTotal
    total
    taxes {
      rate
      base
      amount
    }
  }
`);

export const VOID_NOTE = graphql(/* GraphQL */ `
  mutation VoidNote($id: ID!, $reason: String!, $version: Int!) {
    voidNote(id: $id, reason: $reason, version: $version) {
      note {
        id
        status
        fiscal {
          status
        }
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
