import { Route, Switch } from "wouter";
import { ReadOnly } from "@/components/ReadOnly";
import { useMessages } from "@/i18n";
import { invoices } from "@/i18n/invoices";
import { useMay } from "@/layout/viewer";
import { NotFoundPage } from "@/pages/NotFoundPage";
import { CorrectInvoicePage } from "./CorrectInvoicePage";
import { EditInvoicePage } from "./EditInvoicePage";
import { InvoicePage } from "./InvoicePage";
import { InvoicesPage } from "./InvoicesPage";
import { NewInvoicePage } from "./NewInvoicePage";

export default function InvoicesPages() {
  const t = useMessages(invoices);
  const mayWrite = useMay("WRITE");
  const readOnly = <ReadOnly title={t.readOnly} href="/facturas" label={t.backToList} />;
  return (
    <Switch>
      <Route path="/facturas" component={InvoicesPage} />
      <Route path="/facturas/nueva">{mayWrite ? <NewInvoicePage /> : readOnly}</Route>
      <Route path="/facturas/:id">{({ id }) => <InvoicePage key={id} id={id} />}</Route>
      <Route path="/facturas/:id/editar">
        {({ id }) => (mayWrite ? <EditInvoicePage key={id} id={id} /> : readOnly)}
      </Route>
      <Route path="/facturas/:id/corregir">
        {({ id }) => (mayWrite ? <CorrectInvoicePage key={id} id={id} /> : readOnly)}
      </Route>
      <Route component={NotFoundPage} />
    </Switch>
  );
}
