/** What went wrong with a request: refusals with their places in a form, and failures as text. */

import type { CombinedError } from "@urql/core";
import { type RefObject, useEffect } from "react";
import { graphql } from "@/graphql/generated";
import type { RefusalFragment } from "@/graphql/generated/graphql";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";

graphql(/* GraphQL */ `
  fragment Refusal on UserError {
    path
    code
    message
    expected
    relatedId
  }
`);

export type Refusal = RefusalFragment;
export type Refusals = readonly Refusal[];

/** The refusals below a path, as seen from there: `below(errors, "newCustomer")` for the customer's form. */
export function below(refusals: Refusals, ...prefix: string[]): Refusals {
  return refusals
    .filter(({ path }) => path.length >= prefix.length && prefix.every((part, index) => path[index] === part))
    .map((refusal) => ({ ...refusal, path: refusal.path.slice(prefix.length) }));
}

/** What is wrong at exactly this path, if anything is. */
export function messageAt(refusals: Refusals, ...path: string[]): string | undefined {
  const found = refusals.filter(
    (refusal) =>
      refusal.path.length === path.length && path.every((part, index) => refusal.path[index] === part),
  );
  return found.map(({ message }) => message).join(" ") || undefined;
}

/** When refusals come in, the focus goes to the first field that has one, or else to the element marked `data-refusals`. */
export function useFocusOnRefusal(form: RefObject<HTMLElement | null>, refusals: Refusals): void {
  useEffect(() => {
    if (!refusals.length) return;
    const target = form.current?.querySelector<HTMLElement>('[aria-invalid="true"], [data-refusals]');
    // A group of radio buttons takes no focus itself.
    (
      target?.querySelector<HTMLElement>("input:checked") ??
      target?.querySelector("input") ??
      target
    )?.focus();
    target?.scrollIntoView({ block: "center" });
  }, [form, refusals]);
}

/** Says what a failed request means to a person. */
export function useErrorText(): (error: CombinedError) => string {
  const t = useMessages(common);
  return (error) => {
    const [first] = error.graphQLErrors;
    if (first?.extensions.code === "FORBIDDEN") return t.forbidden;
    if (first && first.extensions.code !== "UNAVAILABLE") return first.message;
    return t.offline;
  };
}
