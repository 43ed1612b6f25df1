import "./sign-in.css";
import { useEffect, useRef, useState } from "react";
import { useLocation, useSearchParams } from "wouter";
import { Loading } from "@/components/states";
import { useTitle } from "@/components/useTitle";
import { useMessages } from "@/i18n";
import { signInMessages } from "@/i18n/signIn";
import { Preferences } from "@/layout/Preferences";
import { type SignInOutcome, signIn } from "@/session";
import { SignInForm } from "./SignInForm";

/** Takes the token of a one-time link out of the address. It is in the fragment, which browsers do not send. */
function takeToken(): string | null {
  const token = new URLSearchParams(window.location.hash.slice(1)).get("token");
  if (token) window.history.replaceState(null, "", window.location.pathname + window.location.search);
  return token;
}

/** Accepts only paths of these pages: "//elsewhere" would be another site. */
function toSafePath(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) ? next : "/clientes";
}

export function SignInPage() {
  const t = useMessages(signInMessages);
  const [, navigate] = useLocation();
  const [parameters] = useSearchParams();
  const [token] = useState(takeToken);
  const [problem, setProblem] = useState<string>();
  const next = toSafePath(parameters.get("next"));
  useTitle(t.title);

  const [isTrying, setTrying] = useState(token !== null);
  const attempt = useRef<Promise<SignInOutcome>>(null);
  useEffect(() => {
    if (!token || !isTrying) return;
    attempt.current ??= signIn({ token });
    void attempt.current.then((outcome) => {
      if (outcome === "signedIn") return navigate(next, { replace: true });
      setProblem(outcome === "wrong" ? t.wrongToken : t.unreachable);
      setTrying(false);
    });
  }, [token, isTrying, next, navigate, t]);

  return (
    <div className="sign-in">
      <main className="card sign-in-card">
        <img src="/favicon.svg" alt="" width="44" height="44" />
        <div>
          <h1>{t.title}</h1>
          <p className="muted">{t.lead}</p>
        </div>
        {isTrying ? (
          <Loading />
        ) : (
          <SignInForm problem={problem} onSignedIn={() => navigate(next, { replace: true })} />
        )}
      </main>
      <footer>
        <Preferences />
      </footer>
    </div>
  );
}
