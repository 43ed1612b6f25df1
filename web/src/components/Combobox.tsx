import "./combobox.css";
import {
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useEffectEvent,
  useId,
  useRef,
  useState,
} from "react";
import { Field, type FieldProps } from "@/components/Field";
import type { OptionSearch } from "@/components/useOptionSearch";
import { afterClick } from "@/components/useLeft";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";

type Entry<T> = { key: string; choose: () => void; content: ReactNode; option?: T };

/**
 * A text field with a list to choose from, after the WAI-ARIA pattern "editable combobox with list autocomplete".
 *
 * The owner searches for the `options` when `onSearch(text)` is called, and passes them when it has them. While it is
 * `searching`, its options are those of an earlier text, so none of them can be chosen: Enter waits for the answer. The
 * text typed is only a search: the value is the option chosen, and clearing the text chooses none. Words that are left in
 * the field choose the only option that they find; otherwise they stay, the field says so, and it has no value.
 * `action` is an entry above the options that does something else, such as creating a new one.
 */
export function Combobox<T>({
  selected,
  onSelect,
  onSearch,
  options,
  searching,
  failure,
  keyOf,
  textOf,
  render = textOf,
  action,
  placeholder,
  ...field
}: FieldProps &
  OptionSearch<T> & {
    selected: T | null;
    onSelect: (option: T | null) => void;
    keyOf: (option: T) => string;
    textOf: (option: T) => string;
    render?: (option: T) => ReactNode;
    action?: { label: string; run: (text: string) => void } | undefined;
    placeholder?: string;
  }) {
  const t = useMessages(common);
  const listId = useId();
  const [text, setText] = useState<string | null>(null); // null while it shows what is selected
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  // What to do with the options of the text once they are there: Enter takes the first, leaving the field the only one.
  const [waiting, setWaiting] = useState<"first" | "only">();
  const list = useRef<HTMLDivElement>(null);
  // Whether there are words of which nothing was chosen.
  const isUnresolved = Boolean(text?.trim()) && !(selected !== null && text === textOf(selected));

  function showSelected() {
    setText(null);
    setOpen(false);
    setActive(-1);
    setWaiting(undefined);
  }

  function choose(option: T) {
    showSelected();
    onSelect(option);
  }

  function run(start: (text: string) => void) {
    const typed = text ?? "";
    showSelected();
    start(typed);
  }

  const found = searching ? [] : options;
  const entries: Entry<T>[] = found.map((option) => ({
    key: keyOf(option),
    choose: () => choose(option),
    content: render(option),
    option,
  }));
  if (action && !failure) {
    entries.unshift({ key: "", choose: () => run(action.run), content: action.label });
  }
  const first = found.length && action ? 1 : 0;
  const current = active < entries.length ? active : -1;

  useEffect(() => {
    if (open && current >= 0) list.current?.children[current]?.scrollIntoView({ block: "nearest" });
  }, [open, current]);

  const settle = useEffectEvent(() => {
    setWaiting(undefined);
    const [option] = options;
    if (option !== undefined && (waiting === "first" || options.length === 1)) choose(option);
  });
  useEffect(() => {
    if (!waiting || searching) return;
    const timer = setTimeout(settle, 0);
    return () => clearTimeout(timer);
  }, [waiting, searching]);

  function openList() {
    if (open) return;
    setOpen(true);
    onSearch(text ?? "");
  }

  function search(value: string) {
    setText(value);
    setOpen(true);
    setActive(-1);
    setWaiting(undefined);
    onSearch(value);
    if (!value && selected !== null) onSelect(null);
  }

  function leave() {
    if (!isUnresolved) return showSelected();
    setOpen(false);
    setActive(-1);
    setWaiting((before) => before ?? "only");
    if (selected !== null) onSelect(null);
  }

  function moveTo(event: KeyboardEvent, index: number) {
    event.preventDefault();
    openList();
    if (entries.length) setActive((index + entries.length) % entries.length);
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === "ArrowDown") moveTo(event, current < 0 ? first : current + 1);
    else if (event.key === "ArrowUp") moveTo(event, current < 0 ? -1 : current - 1);
    else if (event.key === "Enter" && !event.ctrlKey && open) {
      event.preventDefault(); // keeps Enter from sending the form
      if (current >= 0) entries[current]?.choose();
      else if (text) setWaiting("first");
    } else if (event.key === "Escape" && (open || text !== null)) {
      event.preventDefault(); // keeps Escape from closing a dialog
      event.stopPropagation();
      showSelected();
    }
  }

  const shown = open && (entries.length > 0 || searching || Boolean(text));
  const isListed = shown && entries.length > 0;
  useEffect(() => {
    if (isListed) list.current?.scrollIntoView({ block: "nearest" });
  }, [isListed]);
  const unresolved = isUnresolved && !open && !searching ? (failure ?? t.chooseFromList) : undefined;
  const note = searching ? t.searching : (failure ?? (found.length ? t.results(found.length) : t.none));
  return (
    <Field {...field} error={unresolved ?? field.error}>
      {(control) => (
        <div className="combobox">
          <input
            {...control}
            className="input"
            role="combobox"
            aria-autocomplete="list"
            aria-expanded={shown}
            aria-controls={listId}
            aria-activedescendant={open && current >= 0 ? `${listId}-${current}` : undefined}
            data-unresolved={isUnresolved || undefined}
            autoComplete="off"
            placeholder={placeholder}
            value={text ?? (selected === null ? "" : textOf(selected))}
            onChange={(event) => search(event.target.value)}
            onClick={({ currentTarget }) => {
              // What is typed next replaces what is selected.
              if (!open && text === null) currentTarget.select();
              openList();
            }}
            onKeyDown={onKeyDown}
            onBlur={() => afterClick(leave)}
          />
          <div className={shown ? "combobox-popup" : "visually-hidden"}>
            <div
              ref={list}
              id={listId}
              role="listbox"
              aria-label={field.label}
              className="combobox-list"
              hidden={!shown}
            >
              {entries.map((entry, index) => (
                // The focus stays in the input, which takes the keys.
                // eslint-disable-next-line jsx-a11y/click-events-have-key-events
                <div
                  key={entry.key}
                  id={`${listId}-${index}`}
                  role="option"
                  aria-selected={index === current}
                  tabIndex={-1}
                  className={entry.option === undefined ? "combobox-action" : undefined}
                  onMouseDown={(event) => event.preventDefault()}
                  onClick={entry.choose}
                >
                  {entry.content}
                </div>
              ))}
            </div>
            <p className={found.length ? "visually-hidden" : "combobox-note"} role="status">
              {shown && note}
            </p>
          </div>
        </div>
      )}
    </Field>
  );
}
