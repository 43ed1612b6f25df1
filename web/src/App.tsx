import { lazy, Suspense, useMemo } from "react";
import { Provider } from "urql";
import { Redirect, Route, Switch } from "wouter";
import { Loading } from "@/components/states";
import { ToastProvider } from "@/components/Toast";
import { createClient } from "@/graphql/client";
import { useLanguage } from "@/i18n";
import { Layout } from "@/layout/Layout";
import { NotFoundPage } from "@/pages/NotFoundPage";
import { SignInPage } from "@/pages/sign-in/SignInPage";

const CustomersPages = lazy(() => import("@/pages/customers"));
const InvoicesPages = lazy(() => import("@/pages/invoices"));
const AccountPage = lazy(() => import("@/pages/account"));

export function App() {
  const [language] = useLanguage();
  // The service writes labels and refusals in the language of the client, so each language needs a client.
  const client = useMemo(() => createClient(language), [language]);
  return (
    <Provider value={client}>
      <ToastProvider>
        <Switch>
          <Route path="/sign-in" component={SignInPage} />
          <Route>
            <Layout>
              <Suspense fallback={<Loading />}>
                <Switch>
                  <Route path="/">
                    <Redirect to="/clientes" replace />
                  </Route>
                  <Route path="/clientes/*?" component={CustomersPages} />
                  <Route path="/facturas/*?" component={InvoicesPages} />
                  <Route path="/cuenta/*?" component={AccountPage} />
                  <Route component={NotFoundPage} />
                </Switch>
              </Suspense>
            </Layout>
          </Route>
        </Switch>
      </ToastProvider>
    </Provider>
  );
}
