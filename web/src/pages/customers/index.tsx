import { useTitle } from "@/components/useTitle";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";

export default function Customers() {
  const t = useMessages(customers);
  useTitle(t.title);
  return (
    <div className="page">
      <h1>{t.title}</h1>
    </div>
  );
}
