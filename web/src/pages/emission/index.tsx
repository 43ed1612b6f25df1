import { Route, Switch } from "wouter";
import { NotFoundPage } from "@/pages/NotFoundPage";
import { EmissionPage } from "./EmissionPage";

export default function EmissionPages() {
  return (
    <Switch>
      <Route path="/facturacion-electronica" component={EmissionPage} />
      <Route component={NotFoundPage} />
    </Switch>
  );
}
