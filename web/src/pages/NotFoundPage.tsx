import { Link } from "wouter";
import { EmptyState } from "@/components/states";
import { useTitle } from "@/components/useTitle";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";

export function NotFoundPage() {
  const t = useMessages(common);
  useTitle(t.notFoundTitle);
  return (
    <EmptyState title={t.notFoundTitle} heading="h1">
      <p>{t.notFound}</p>
      <Link href="/inicio">{t.goHome}</Link>
    </EmptyState>
  );
}
