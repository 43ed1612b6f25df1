/** An invoice that the DGI has rejected, as its form shows it, and what is sent of it. */

import type { InvoiceCorrection } from "@/graphql";
import type { Refusal, Refusals } from "@/graphql/errors";
import {
  type FiscalFault,
  type Invoice,
  type InvoiceDraft,
  toDraft,
  toFormPaths,
  toInvoiceInput,
  toInvoicePatch,
  withoutFieldName,
} from "./form";

/** As a draft to edit; a payment in one form and at one time follows the total, so its amounts are left out. */
export function toCorrectionDraft(invoice: Invoice): InvoiceDraft {
  const draft = toDraft(invoice);
  const { paymentForms, instalments } = draft.fields;
  const fields = {
    ...draft.fields,
    paymentForms:
      paymentForms.length === 1 ? paymentForms.map((form) => ({ ...form, amount: "" })) : paymentForms,
    instalments: instalments.length === 1 ? [] : instalments,
  };
  return { ...draft, fields, edited: draft.edited && { ...draft.edited, fields } };
}

/** What was changed. Branch, point, day and currency stay. */
export function toCorrection({ edited, fields, customer }: InvoiceDraft): InvoiceCorrection {
  const input = (from: Pick<InvoiceDraft, "fields" | "customer">): InvoiceCorrection => {
    const {
      branch: _branch,
      billingPoint: _point,
      issueDate: _day,
      currency: _currency,
      ...kept
    } = toInvoiceInput(from.fields);
    return { ...kept, ...(from.customer?.kind === "existing" && { customerId: from.customer.id }) };
  };
  return edited ? toInvoicePatch(input(edited), input({ fields, customer })) : input({ fields, customer });
}

/** What was found wrong, as refusals at the fields of the form; what the customer lacks belongs to the customer's field. */
export function toRefusals(
  faults: readonly FiscalFault[],
  draft: InvoiceDraft,
  customerId: string,
): Refusals {
  const found = faults.filter(({ notice, path }) => !notice && path !== null).map(toRefusal);
  return toFormPaths(found, draft.fields).filter(({ path }) => path.length > 0);

  function toRefusal({ code, message, path }: FiscalFault): Refusal {
    const isOfCustomer = path?.[0] === "customer";
    return {
      __typename: "UserError",
      path: isOfCustomer ? ["customerId"] : [...(path ?? [])],
      code: "INVALID_VALUE",
      message: `${withoutFieldName(message)} (${code})`,
      expected: null,
      relatedId: isOfCustomer ? customerId : null,
    };
  }
}
