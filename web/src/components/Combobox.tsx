import "./combobox.css";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { Field, type FieldProps } from "@/components/Field";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";

type Entry<T> = { key: string; choose: () => void; content: ReactNode; option?: T };

/**
 * A text field with a list to choose from, after the WAI-ARIA pattern "editable combobox with list autocomplete".
 *
 * The owner searches for the `options` when `onSearch(text)` is called, and passes them when it has them. The text typed is
 * only a search: the value is the option chosen, and clearing the text chooses none. `action` is an entry above the options
 * that does something else, such as creating a new one.
 */
export function Combobox<T>({
  selected,
  onSelect,
  onSearch,
  options,
  searching,
  keyOf,
  textOf,
  render = textOf,
  action,
  placeholder,
  ...field
}: FieldProps & {
  selected: T | null;
  onSelect: (option: T | null) => void;
  onSearch: (text: string) => void;
  options: readonly T[];
  searching: boolean;
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
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);

  const entries: Entry<T>[] = options.map((option) => ({
    key: keyOf(option),
    choose: () => closeAnd(() => onSelect(option)),
    content: render(option),
    option,
  }));
  if (action) {
    entries.unshift({ key: "", choose: () => closeAnd(() => action.run(text ?? "")), content: action.label });
  }
  const first = options.length ? (action ? 1 : 0) : 0;
  const current = active < entries.length ? active : -1;

  useEffect(() => {
    if (open && current >= 0) list.current?.children[current]?.scrollIntoView({ block: "nearest" });
  }, [open, current]);

  function closeAnd(choose: () => void) {
    setText(null);
    setOpen(false);
    setActive(-1);
    choose();
  }

  function openList() {
    if (open) return;
    setOpen(true);
    onSearch(text ?? "");
  }

  function search(value: string) {
    setText(value);
    setOpen(true);
    setActive(-1);
    onSearch(value);
    if (!value && selected !== null) onSelect(null);
  }

  function moveTo(event: KeyboardEvent, index: number) {
    event.preventDefault();
    openList();
    if (entries.length) setActive((index + entries.length) % entries.length);
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === "ArrowDown") moveTo(event, current < 0 ? first : current + 1);
    else if (event.key === "ArrowUp") moveTo(event, current < 0 ? -1 : current - 1);
    else if (event.key === "Enter" && open) {
      event.preventDefault(); // keeps Enter from sending the form
      const entry = entries[current] ?? (text && entries[first]?.option ? entries[first] : undefined);
      entry?.choose();
    } else if (event.key === "Escape" && (open || text !== null)) {
      event.preventDefault(); // keeps Escape from closing a dialog
      event.stopPropagation();
      closeAnd(() => {});
    }
  }

  const shown = open && (entries.length > 0 || searching || Boolean(text));
  return (
    <Field {...field}>
      {(control) => (
        <div className="combobox">
          <input
            {...control}
            ref={input}
            className="input"
            role="combobox"
            aria-autocomplete="list"
            aria-expanded={shown}
            aria-controls={listId}
            aria-activedescendant={open && current >= 0 ? `${listId}-${current}` : undefined}
            autoComplete="off"
            placeholder={placeholder}
            value={text ?? (selected === null ? "" : textOf(selected))}
            onChange={(event) => search(event.target.value)}
            onClick={openList}
            onKeyDown={onKeyDown}
            onBlur={() => closeAnd(() => {})}
          />
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
          <p className={shown && !options.length ? "combobox-note" : "visually-hidden"} role="status">
            {shown && (searching ? t.searching : options.length ? t.results(options.length) : t.none)}
          </p>
        </div>
      )}
    </Field>
  );
}
