import { useState } from "react";

/**
 * Calls `run` when a field is left, but not before the pointer is released: what appears then would push away the button
 * that is being clicked.
 */
export function afterClick(run: () => void): void {
  const isPointerDown = document.querySelector(":active") !== null;
  if (!isPointerDown) return run();
  const controller = new AbortController();
  for (const end of ["pointerup", "pointercancel"]) {
    const finish = () => {
      controller.abort();
      setTimeout(run, 0);
    };
    window.addEventListener(end, finish, { signal: controller.signal });
  }
}

/** Whether a field was left since it was last changed, so that it may say what is wrong. */
export function useLeft(): { isLeft: boolean; leave: () => void; change: () => void } {
  const [isLeft, setLeft] = useState(true);
  return { isLeft, leave: () => afterClick(() => setLeft(true)), change: () => setLeft(false) };
}
