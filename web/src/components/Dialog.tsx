import "./dialog.css";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { Button } from "@/components/Button";
import { focusContent } from "@/components/focus";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";

/**
 * A modal dialog, open for as long as it is rendered. Its first field has the focus, or else the button marked
 * `data-first-focus`. The browser keeps the focus inside and gives it back at the end.
 * Escape and the close button call `onClose`; without it, only the dialog's own buttons close it.
 */
export function Dialog({
  title,
  onClose,
  wide = false,
  children,
}: {
  title: string;
  onClose?: () => void;
  wide?: boolean;
  children: ReactNode;
}) {
  const t = useMessages(common);
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    element?.querySelector<HTMLElement>(FIRST)?.focus();
    return () => {
      element?.close();
      // What opened the dialog may be gone by now.
      setTimeout(focusContent, 0);
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className={wide ? "dialog dialog-wide" : "dialog"}
      aria-labelledby={titleId}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        onClose?.();
      }}
      onCancel={(event) => {
        if (event.target !== dialog.current) return;
        event.preventDefault();
        onClose?.();
      }}
    >
      <div className="dialog-header">
        <h2 id={titleId}>{title}</h2>
        {onClose && (
          <Button kind="quiet" aria-label={t.close} onClick={onClose}>
            ✕
          </Button>
        )}
      </div>
      {children}
    </dialog>
  );
}

const FIRST = "input:not(:disabled, [type=radio]:not(:checked)), select, textarea, [data-first-focus]";
