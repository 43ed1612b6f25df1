import { Link } from "wouter";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";
import { lastAddress } from "./lastAddress";

/** Leads back to a list, as it was left. */
export function BackLink({ path, title }: { path: string; title: string }) {
  const t = useMessages(common);
  return (
    <nav aria-label={t.breadcrumb} className="small">
      <Link href={lastAddress(path)}>← {title}</Link>
    </nav>
  );
}
