import { Route, Switch } from "wouter";
import { NotFoundPage } from "@/pages/NotFoundPage";
import { CustomerPage } from "./CustomerPage";
import { CustomersPage } from "./CustomersPage";
import { EditCustomerPage } from "./EditCustomerPage";
import { NewCustomerPage } from "./NewCustomerPage";

export default function CustomersPages() {
  return (
    <Switch>
      <Route path="/clientes" component={CustomersPage} />
      <Route path="/clientes/nuevo" component={NewCustomerPage} />
      <Route path="/clientes/:id">{({ id }) => <CustomerPage key={id} id={id} />}</Route>
      <Route path="/clientes/:id/editar">{({ id }) => <EditCustomerPage key={id} id={id} />}</Route>
      <Route component={NotFoundPage} />
    </Switch>
  );
}
