import { Route, Switch } from "wouter";
import { useMay } from "@/layout/viewer";
import { NotFoundPage } from "@/pages/NotFoundPage";
import { EditInvoicePage } from "./EditInvoicePage";
import { InvoicePage } from "./InvoicePage";
import { InvoicesPage } from "./InvoicesPage";
import { NewInvoicePage } from "./NewInvoicePage";
import { ReadOnly } from "./ReadOnly";

export default function InvoicesPages() {
  const mayWrite = useMay("WRITE");
  return (
    <Switch>
      <Route path="/facturas" component={InvoicesPage} />
      <Route path="/facturas/nueva" component={mayWrite ? NewInvoicePage : ReadOnly} />
      <Route path="/facturas/:id">{({ id }) => <InvoicePage key={id} id={id} />}</Route>
      <Route path="/facturas/:id/editar">
        {({ id }) => (mayWrite ? <EditInvoicePage key={id} id={id} /> : <ReadOnly />)}
      </Route>
      <Route component={NotFoundPage} />
    </Switch>
  );
}
