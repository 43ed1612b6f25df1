import "./button.css";
import type { ButtonHTMLAttributes } from "react";
import { Link } from "wouter";

type Kind = "primary" | "secondary" | "quiet" | "danger";

/** While `busy` it ignores clicks but keeps the focus. */
export function Button({
  kind = "secondary",
  busy = false,
  type = "button",
  className = "",
  onClick,
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { kind?: Kind; busy?: boolean }) {
  return (
    <button
      type={type}
      className={`button button-${kind} ${className}`}
      aria-disabled={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      {...rest}
    />
  );
}

/** A link within the app that looks like a button. */
export function ButtonLink({
  href,
  kind = "secondary",
  children,
}: {
  href: string;
  kind?: Kind;
  children: React.ReactNode;
}) {
  return (
    <Link href={href} className={`button button-${kind}`}>
      {children}
    </Link>
  );
}
