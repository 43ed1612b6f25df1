import { useTitle } from "@/components/useTitle";
import { useMessages } from "@/i18n";
import { account } from "@/i18n/account";

export default function Account() {
  const t = useMessages(account);
  useTitle(t.title);
  return (
    <div className="page">
      <h1>{t.title}</h1>
    </div>
  );
}
