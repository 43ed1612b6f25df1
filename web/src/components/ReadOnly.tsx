import { ButtonLink } from "@/components/Button";
import { EmptyState } from "@/components/states";
import { useTitle } from "@/components/useTitle";

/** Shown in place of a form to a key that may only read, with a link to what it may read. */
export function ReadOnly({ title, href, label }: { title: string; href: string; label: string }) {
  useTitle(title);
  return (
    <EmptyState title={title} heading="h1">
      <ButtonLink href={href}>{label}</ButtonLink>
    </EmptyState>
  );
}
