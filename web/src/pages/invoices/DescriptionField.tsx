import { type KeyboardEvent, useEffect, useEffectEvent, useId, useState } from "react";
import { useQuery } from "urql";
import { Field } from "@/components/Field";
import { useDebounced } from "@/components/useDebounced";
import type { LineSuggestionsQuery } from "@/graphql";
import { useMessages } from "@/i18n";
import { useFormats } from "@/i18n/format";
import { invoices } from "@/i18n/invoices";
import { LINE_SUGGESTIONS } from "./choiceDocuments";

export type Suggestion = LineSuggestionsQuery["lineSuggestions"][number];

const NONE: readonly Suggestion[] = [];

/** What a line sells: free text, or a line of an earlier invoice, chosen from those that have the words typed. */
export function DescriptionField({
  value,
  error,
  customerId,
  onChange,
  onChoose,
}: {
  value: string;
  error: string | undefined;
  customerId: string | undefined;
  onChange: (typed: string) => void;
  onChoose: (suggestion: Suggestion) => void;
}) {
  const t = useMessages(invoices);
  const listId = useId();
  const [isOpen, setOpen] = useState(false);
  const [found, setFound] = useState(NONE);
  const [active, setActive] = useState(-1);
  const shown = isOpen ? found : NONE;

  function open() {
    setOpen(true);
    setActive(-1);
  }

  function close() {
    setOpen(false);
    setFound(NONE);
    setActive(-1);
  }

  function choose(suggestion: Suggestion) {
    close();
    onChoose(suggestion);
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const suggestion = shown[active];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen) open();
      const step = event.key === "ArrowDown" ? 1 : -1;
      if (shown.length) setActive((Math.max(active, step < 0 ? 0 : -1) + step + shown.length) % shown.length);
    } else if (event.key === "Enter" && suggestion) {
      event.preventDefault();
      event.stopPropagation(); // keeps Enter from adding a line
      choose(suggestion);
    } else if (event.key === "Escape" && shown.length) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  }

  return (
    <Field label={t.description} required error={error}>
      {(control) => (
        <div className="combobox">
          <input
            {...control}
            className="input"
            role="combobox"
            aria-autocomplete="list"
            aria-expanded={shown.length > 0}
            aria-controls={listId}
            aria-activedescendant={shown[active] && `${listId}-${active}`}
            autoComplete="off"
            value={value}
            onKeyDown={onKeyDown}
            onBlur={close}
            onChange={(event) => {
              onChange(event.target.value);
              open();
            }}
          />
          {isOpen && <Search text={value} customerId={customerId} onFound={setFound} />}
          <div className={shown.length ? "combobox-popup" : "visually-hidden"}>
            <div id={listId} role="listbox" aria-label={t.suggestions} className="combobox-list">
              {shown.map((suggestion, index) => (
                // The focus stays in the input, which takes the keys.
                // eslint-disable-next-line jsx-a11y/click-events-have-key-events
                <div
                  key={suggestion.description}
                  id={`${listId}-${index}`}
                  role="option"
                  aria-selected={index === active}
                  tabIndex={-1}
                  onMouseDown={(event) => event.preventDefault()}
                  onClick={() => choose(suggestion)}
                >
                  <SuggestionText suggestion={suggestion} />
                </div>
              ))}
            </div>
          </div>
        </div>
      )}
    </Field>
  );
}

function SuggestionText({ suggestion }: { suggestion: Suggestion }) {
  const t = useMessages(invoices);
  const format = useFormats();
  return (
    <>
      {suggestion.description}{" "}
      <span className="muted small numeric unbroken">
        {format.price(suggestion.unitPrice)} · {t.itbms} {t.rates[suggestion.itbmsRate]}
      </span>
    </>
  );
}

/** Searches while the list is open: an invoice may have a thousand lines, of which one is written at a time. */
function Search({
  text,
  customerId,
  onFound,
}: {
  text: string;
  customerId: string | undefined;
  onFound: (found: readonly Suggestion[]) => void;
}) {
  const search = useDebounced(text).trim();
  const [{ data }] = useQuery({
    query: LINE_SUGGESTIONS,
    variables: { search: search || null, customerId: customerId ?? null },
    requestPolicy: "cache-first",
  });
  const report = useEffectEvent(onFound);
  useEffect(() => {
    // What is written already in full needs no suggestion.
    report(data?.lineSuggestions.filter(({ description }) => description !== search) ?? NONE);
  }, [data, search]);
  return null;
}
