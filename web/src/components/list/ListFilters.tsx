import "./filters.css";
import { type ReactNode, type RefObject, useId, useState } from "react";
import { Button } from "@/components/Button";
import { SelectField } from "@/components/Field";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";
import { SearchField } from "./SearchField";

/** Above a list: search while typing, the filters given as children, and the order. On a phone the filters fold away. */
export function ListFilters<OrderName extends string>({
  searchLabel,
  searchRef,
  search,
  onSearch,
  active,
  onClear,
  order,
  orders,
  onOrder,
  isOrderInHeaders,
  children,
}: {
  searchLabel: string;
  searchRef: RefObject<HTMLInputElement | null>;
  search: string;
  onSearch: (text: string) => void;
  /** How many filters are set. */
  active: number;
  onClear: () => void;
  order: OrderName;
  /** What each order is called. */
  orders: Record<OrderName, string>;
  onOrder: (order: OrderName) => void;
  /** Whether the headers of the table offer every order; the field is then for phones only, where there are no headers. */
  isOrderInHeaders: boolean;
  children: ReactNode;
}) {
  const t = useMessages(common);
  const [open, setOpen] = useState(false);
  const panelId = useId();
  return (
    <search className="filters">
      <div className="search-row">
        <SearchField inputRef={searchRef} label={searchLabel} text={search} onSearch={onSearch} />
        {/* It keeps its place, so that nothing moves when the first filter is set. */}
        <Button
          kind="quiet"
          className={active ? undefined : "kept-place"}
          onClick={() => {
            onClear();
            searchRef.current?.focus();
          }}
        >
          {t.clearFilters}
        </Button>
        <Button
          className="filters-toggle"
          aria-expanded={open}
          aria-controls={panelId}
          onClick={() => setOpen((wasOpen) => !wasOpen)}
        >
          {t.filters(active)}
        </Button>
      </div>
      <div id={panelId} className={open ? "filters-panel open" : "filters-panel"}>
        {children}
        <div className={isOrderInHeaders ? "order-filter" : undefined}>
          <SelectField
            label={t.orderBy}
            value={order}
            onChange={onOrder}
            options={(Object.keys(orders) as OrderName[]).map((name) => [name, orders[name]] as const)}
          />
        </div>
      </div>
    </search>
  );
}
