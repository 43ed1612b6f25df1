import "./toast.css";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from "react";

const ToastContext = createContext<(text: string) => void>(() => {});

const SHOWN_FOR = 6000; // milliseconds

/** Shows a short message for a few seconds: `const toast = useToast(); toast("Cliente guardado")`. */
export function useToast() {
  return useContext(ToastContext);
}

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toast, setToast] = useState<{ text: string } | null>(null);
  const show = useCallback((text: string) => setToast({ text }), []);
  useEffect(() => {
    if (!toast) return;
    const timer = setTimeout(() => setToast(null), SHOWN_FOR);
    return () => clearTimeout(timer);
  }, [toast]);
  return (
    <ToastContext value={show}>
      {children}
      {/* Always rendered, since screen readers announce changes of a live region only if it was there before. */}
      <div className="toast-region" role="status" aria-live="polite">
        {toast && <p className="toast">{toast.text}</p>}
      </div>
    </ToastContext>
  );
}
