import "./states.css";
import type { CombinedError } from "@urql/core";
import type { ReactNode } from "react";
import { Button } from "@/components/Button";
import { useErrorText } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";

export function Loading() {
  const t = useMessages(common);
  return (
    <p className="loading muted" role="status">
      {t.loading}
    </p>
  );
}

/** Shown in place of an empty list: what is missing, and what to do about it. */
export function EmptyState({
  title,
  heading: Heading = "h2",
  children,
}: {
  title: string;
  heading?: "h1" | "h2" | "h3";
  children?: ReactNode;
}) {
  return (
    <div className="empty-state">
      <Heading>{title}</Heading>
      {children}
    </div>
  );
}

/** Shown in place of something that failed to load. */
export function ErrorState({ error, onRetry }: { error: CombinedError; onRetry: () => void }) {
  const t = useMessages(common);
  const text = useErrorText();
  return (
    <div className="empty-state" role="alert">
      <h2>{t.failedTitle}</h2>
      <p>{text(error)}</p>
      <Button onClick={onRetry}>{t.retry}</Button>
    </div>
  );
}

/** A short text on a coloured background, with `role="alert"` if it appears suddenly. */
export function Notice({
  kind = "info",
  role,
  children,
}: {
  kind?: "info" | "warning" | "danger" | "success";
  role?: "alert" | "status";
  children: ReactNode;
}) {
  return (
    <div className={`notice notice-${kind}`} role={role}>
      {children}
    </div>
  );
}

export function Badge({
  kind = "neutral",
  children,
}: {
  kind?: "neutral" | "accent" | "warning" | "danger" | "success";
  children: ReactNode;
}) {
  return <span className={`badge badge-${kind}`}>{children}</span>;
}
