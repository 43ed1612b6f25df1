import { Route, Switch } from "wouter";
import { useMay } from "@/layout/viewer";
import { NotFoundPage } from "@/pages/NotFoundPage";
import { AccountPage } from "./AccountPage";
import { DeliveriesPage } from "./DeliveriesPage";

export default function AccountPages() {
  const isAdmin = useMay("ADMIN");
  return (
    <Switch>
      <Route path="/cuenta" component={AccountPage} />
      {isAdmin && (
        <Route path="/cuenta/webhooks/:id">{({ id }) => <DeliveriesPage key={id} id={id} />}</Route>
      )}
      <Route component={NotFoundPage} />
    </Switch>
  );
}
