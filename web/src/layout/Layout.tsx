import "./layout.css";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useQuery } from "urql";
import { Link, Redirect, useLocation } from "wouter";
import { Button } from "@/components/Button";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { ShortcutsButton } from "@/components/shortcuts";
import { ErrorState, Loading } from "@/components/states";
import { hasDrafts } from "@/drafts";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";
import { emission } from "@/i18n/emission";
import { SignInDialog } from "@/pages/sign-in/SignInDialog";
import { signOut, useSignInNeeded } from "@/session";
import { AwayBanner } from "./AwayBanner";
import { Preferences } from "./Preferences";
import { VIEWER, ViewerContext } from "./viewer";

export function Layout({ children }: { children: ReactNode }) {
  const t = useMessages(common);
  const electronic = useMessages(emission);
  const [location] = useLocation();
  const signInNeeded = useSignInNeeded();
  const [{ data, error }, reload] = useQuery({ query: VIEWER });

  const content = useRef<HTMLElement>(null);
  const shown = useRef(location);
  useEffect(() => {
    if (location === shown.current) return;
    shown.current = location;
    startPage(content.current);
  }, [location]);

  if (!data && signInNeeded) {
    const { pathname, search } = window.location;
    return <Redirect to={`/sign-in?next=${encodeURIComponent(pathname + search)}`} replace />;
  }
  if (!data) return error ? <ErrorState error={error} onRetry={reload} /> : <Loading />;
  return (
    <ViewerContext value={data.viewer}>
      <a className="skip-link" href="#content">
        {t.skip}
      </a>
      <header className="header">
        <div className="header-inner">
          <Link href="/inicio" className="brand">
            <img src="/favicon.svg" alt="" width="28" height="28" />
            <span>
              Istmo <small>{data.viewer.account.name}</small>
            </span>
          </Link>
          <nav aria-label={t.mainNavigation} className="navigation">
            <NavigationLink href="/inicio">{t.home}</NavigationLink>
            <NavigationLink href="/clientes">{t.customers}</NavigationLink>
            <NavigationLink href="/facturas">{t.invoices}</NavigationLink>
            {data.viewer.account.electronicInvoicing && (
              <NavigationLink href="/facturacion-electronica">{electronic.navigation}</NavigationLink>
            )}
            <NavigationLink href="/cuenta">{t.account}</NavigationLink>
            <a href="/playground">{t.playground}</a>
          </nav>
          <div className="header-end">
            <Preferences />
            <SignOutButton />
          </div>
        </div>
      </header>
      {data.viewer.account.electronicInvoicing && <AwayBanner />}
      <main ref={content} id="content" className="content" tabIndex={-1}>
        {children}
      </main>
      <footer className="footer">
        <ShortcutsButton />
      </footer>
      {signInNeeded && <SignInDialog accountId={data.viewer.account.id} />}
    </ViewerContext>
  );
}

/** Signing out deletes all drafts, so it asks if there are any. */
function SignOutButton() {
  const t = useMessages(common);
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <Button kind="quiet" onClick={() => (hasDrafts() ? setAsking(true) : void signOut())}>
        {t.signOut}
      </Button>
      {isAsking && (
        <ConfirmDialog
          title={t.signOutTitle}
          text={t.signOutText}
          label={t.signOut}
          onConfirm={() => signOut()}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}

let wentBack = false;
window.addEventListener("popstate", () => {
  wentBack = true;
});

/** Scrolls a new page to its top and focuses its content. After going back, the browser restores the position itself. */
function startPage(content: HTMLElement | null): void {
  content?.focus({ preventScroll: true });
  if (!wentBack) window.scrollTo(0, 0);
  wentBack = false;
}

function NavigationLink({ href, children }: { href: string; children: ReactNode }) {
  const [location] = useLocation();
  const current = location === href || location.startsWith(`${href}/`);
  return (
    <Link href={href} aria-current={current ? "page" : undefined}>
      {children}
    </Link>
  );
}
