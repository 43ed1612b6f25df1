import { useMessages } from "@/i18n";
import { fiscal } from "@/i18n/fiscal";
import { invoices } from "@/i18n/invoices";
import { useViewer } from "@/layout/viewer";

/** A function that says that an invoice was issued, and where it goes. */
export function useIssuedToast(): (number: string) => string {
  const { electronicInvoicing } = useViewer().account;
  const [commercial, electronic] = [useMessages(invoices), useMessages(fiscal)];
  return electronicInvoicing ? electronic.issuedToast : commercial.issuedToast;
}
