import { Route, Switch } from "wouter";
import { ReadOnly } from "@/components/ReadOnly";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import { imports } from "@/i18n/imports";
import { useMay } from "@/layout/viewer";
import { NotFoundPage } from "@/pages/NotFoundPage";
import { CustomerPage } from "./CustomerPage";
import { CustomersPage } from "./CustomersPage";
import { EditCustomerPage } from "./EditCustomerPage";
import { ImportPage } from "./import/ImportPage";
import { ImportsPage } from "./import/ImportsPage";
import { DuplicatesPage } from "./merging/DuplicatesPage";
import { MergePage } from "./merging/MergePage";
import { NewCustomerPage } from "./NewCustomerPage";

export default function CustomersPages() {
  const t = useMessages(customers);
  const words = useMessages(imports);
  const mayWrite = useMay("WRITE");
  const readOnly = <ReadOnly title={t.readOnly} href="/clientes" label={t.backToList} />;
  return (
    <Switch>
      <Route path="/clientes" component={CustomersPage} />
      <Route path="/clientes/nuevo">{mayWrite ? <NewCustomerPage /> : readOnly}</Route>
      <Route path="/clientes/importar">
        {mayWrite ? (
          <ImportsPage />
        ) : (
          <ReadOnly title={words.readOnly} href="/clientes" label={t.backToList} />
        )}
      </Route>
      <Route path="/clientes/importar/:id">{({ id }) => <ImportPage key={id} id={id} />}</Route>
      <Route path="/clientes/duplicados" component={DuplicatesPage} />
      <Route path="/clientes/unificar">{mayWrite ? <MergePage /> : readOnly}</Route>
      <Route path="/clientes/:id">{({ id }) => <CustomerPage key={id} id={id} />}</Route>
      <Route path="/clientes/:id/editar">
        {({ id }) => (mayWrite ? <EditCustomerPage key={id} id={id} /> : readOnly)}
      </Route>
      <Route component={NotFoundPage} />
    </Switch>
  );
}
