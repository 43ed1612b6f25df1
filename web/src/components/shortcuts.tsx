/** Keys that do something anywhere on a page. Letters can be turned off, since people who speak to their computer would type them unawares. */

import { useEffect, useRef, useState } from "react";
import { Button } from "@/components/Button";
import { Dialog } from "@/components/Dialog";
import { CheckboxField } from "@/components/Field";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";
import { readItem, writeItem } from "@/storage";

const KEY = "istmo.shortcuts";
const OFF = "off";

/** Calls `run` when the key is pressed outside of fields and dialogs. */
export function useShortcut(key: string, run: () => void): void {
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      if (event.key !== key || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented)
        return;
      if ((event.target as Element).closest("input, select, textarea, dialog, [role=dialog]")) return;
      if (readItem(localStorage, KEY) === OFF) return;
      event.preventDefault();
      latest.current();
    }
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [key]);
}

/** A button that shows which shortcuts there are. */
export function ShortcutsButton() {
  const t = useMessages(common);
  const [open, setOpen] = useState(false);
  const [isOn, setOn] = useState(() => readItem(localStorage, KEY) !== OFF);
  return (
    <>
      <Button kind="quiet" onClick={() => setOpen(true)}>
        {t.shortcuts}
      </Button>
      {open && (
        <Dialog title={t.shortcuts} onClose={() => setOpen(false)}>
          <dl className="shortcuts">
            {t.shortcutList.map(([keys, meaning]) => (
              <div key={keys}>
                <dt>
                  <kbd>{keys}</kbd>
                </dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
          <CheckboxField
            label={t.shortcutsOn}
            checked={isOn}
            onChange={(on) => {
              setOn(on);
              writeItem(localStorage, KEY, on ? null : OFF);
            }}
          />
          <div className="actions">
            <Button data-first-focus onClick={() => setOpen(false)}>
              {t.close}
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
}
