import "./sign-in.css";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { useLocation, useSearchParams } from "wouter";
import { Loading } from "@/components/states";
import { useTitle } from "@/components/useTitle";
import { useMessages } from "@/i18n";
import { signInMessages } from "@/i18n/signIn";
import { Preferences } from "@/layout/Preferences";
import { onSignedInElsewhere, resume, type SignInOutcome, signIn } from "@/session";
import { SignInForm } from "./SignInForm";

/** Takes the token of a one-time link out of the address. It is in the fragment, which browsers do not send. */
function takeToken(): string | null {
  const token = new URLSearchParams(window.location.hash.slice(1)).get("token");
  if (token) window.history.replaceState(null, "", window.location.pathname + window.location.search);
  return token;
}

/** Accepts only paths of these pages: "//elsewhere" would be another site. */
function toSafePath(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) ? next : "/inicio";
}

export function SignInPage() {
  const t = useMessages(signInMessages);
  const [, navigate] = useLocation();
  const [parameters] = useSearchParams();
  const [token, setToken] = useState(takeToken);
  const [problem, setProblem] = useState<string>();
  const next = toSafePath(parameters.get("next"));
  useTitle(t.title);

  function enter() {
    resume();
    // The playground is a page of its own.
    if (next === "/playground") window.location.assign(next);
    else navigate(next, { replace: true });
  }

  const attempt = useRef<{ token: string; outcome: Promise<SignInOutcome> }>(null);
  async function tryToken(token: string) {
    // A token is good for one attempt.
    if (attempt.current?.token !== token) attempt.current = { token, outcome: signIn({ token }) };
    const outcome = await attempt.current.outcome;
    if (outcome === "signedIn") return enter();
    setProblem(outcome === "wrong" ? t.wrongToken : t.unreachable);
    setToken(null);
  }

  const onToken = useEffectEvent(tryToken);
  useEffect(() => {
    if (token) void onToken(token);
  }, [token]);

  const onElsewhere = useEffectEvent(enter);
  useEffect(() => onSignedInElsewhere(() => onElsewhere()), []);

  // A link that is opened in this tab changes only the fragment, so the page is not loaded anew.
  useEffect(() => {
    const onHashChange = () => setToken(takeToken());
    window.addEventListener("hashchange", onHashChange);
    return () => window.removeEventListener("hashchange", onHashChange);
  }, []);

  return (
    <div className="sign-in">
      <main className="card sign-in-card">
        <img src="/favicon.svg" alt="" width="44" height="44" />
        <div>
          <h1>{t.title}</h1>
          <p className="muted">{t.lead}</p>
        </div>
        {token ? <Loading /> : <SignInForm problem={problem} onSignedIn={enter} />}
      </main>
      <footer>
        <Preferences />
      </footer>
    </div>
  );
}
