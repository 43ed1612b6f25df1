/** What went wrong with a request: refusals, each with the path of a field, and failures as text. */

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

/** The refusals at a path and below it, with paths that begin there: `below(errors, "newCustomer")`. */
export function below(refusals: Refusals, ...prefix: string[]): Refusals {
  return refusals
    .filter(({ path }) => path.length >= prefix.length && prefix.every((part, index) => path[index] === part))
    .map((refusal) => ({ ...refusal, path: refusal.path.slice(prefix.length) }));
}

/** All refusals of a mutation, with paths that begin at its input; those of its other arguments get an empty path. */
export function atInput(refusals: Refusals): Refusals {
  return refusals.map((refusal) => ({
    ...refusal,
    path: refusal.path[0] === "input" ? refusal.path.slice(1) : [],
  }));
}

/** The messages of the refusals at exactly this path, if there are any. */
export function messageAt(refusals: Refusals, ...path: string[]): string | undefined {
  const found = refusals.filter(
    (refusal) =>
      refusal.path.length === path.length && path.every((part, index) => refusal.path[index] === part),
  );
  return found.map(({ message }) => message).join(" ") || undefined;
}

/** Moves the focus to the first field that was refused, or to an element marked `data-refusals`. */
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

/** A function that explains a failed request to a person. */
export function useErrorText(): (error: CombinedError) => string {
  const t = useMessages(common);
  return (error) => {
    const [first] = error.graphQLErrors;
    if (first?.extensions.code === "FORBIDDEN") return t.forbidden;
    if (first && first.extensions.code !== "UNAVAILABLE") return first.message;
    return t.offline;
  };
}
