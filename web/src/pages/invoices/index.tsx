import { useTitle } from "@/components/useTitle";
import { useMessages } from "@/i18n";
import { invoices } from "@/i18n/invoices";

export default function Invoices() {
  const t = useMessages(invoices);
  useTitle(t.title);
  return (
    <div className="page">
      <h1>{t.title}</h1>
    </div>
  );
}
