import { lazy, Suspense, useMemo, useState } from "react";
import { Provider } from "urql";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { ErrorBoundary } from "@/components/ErrorBoundary";
import { importPage } from "@/components/importPage";
import { Loading } from "@/components/states";
import { ToastProvider } from "@/components/Toast";
import { createClient } from "@/graphql/client";
import { useLanguage } from "@/i18n";
import { Layout } from "@/layout/Layout";
import { NotFoundPage } from "@/pages/NotFoundPage";
import { SignInPage } from "@/pages/sign-in/SignInPage";

export function App() {
  const [language] = useLanguage();
  const [location] = useLocation();
  // The service writes labels and refusals in the language of the client, so each language needs a client.
  const client = useMemo(() => createClient(language), [language]);
  return (
    <Provider value={client}>
      <ToastProvider>
        <ErrorBoundary place={location}>
          {() => (
            <Switch>
              <Route path="/sign-in" component={SignInPage} />
              <Route>
                <Layout>
                  <ErrorBoundary place={location}>{() => <Pages />}</ErrorBoundary>
                </Layout>
              </Route>
            </Switch>
          )}
        </ErrorBoundary>
      </ToastProvider>
    </Provider>
  );
}

/** The pages, whose code is loaded when they are first shown. */
function Pages() {
  // React never loads again what failed to load, so each attempt begins anew.
  const [{ Home, Customers, Invoices, Emission, Account }] = useState(() => ({
    Home: lazy(() => importPage(() => import("@/pages/home"))),
    Customers: lazy(() => importPage(() => import("@/pages/customers"))),
    Invoices: lazy(() => importPage(() => import("@/pages/invoices"))),
    Emission: lazy(() => importPage(() => import("@/pages/emission"))),
    Account: lazy(() => importPage(() => import("@/pages/account"))),
  }));
  return (
    <Suspense fallback={<Loading />}>
      <Switch>
        <Route path="/">
          <Redirect to="/inicio" replace />
        </Route>
        <Route path="/inicio" component={Home} />
        <Route path="/clientes/*?" component={Customers} />
        <Route path="/facturas/*?" component={Invoices} />
        <Route path="/facturacion-electronica/*?" component={Emission} />
        <Route path="/cuenta/*?" component={Account} />
        <Route component={NotFoundPage} />
      </Switch>
    </Suspense>
  );
}
