import "./pagination.css";
import { Button } from "@/components/Button";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";

/** To the page before and the page after, for lists with cursors. */
export function Pagination({
  hasPrevious,
  hasNext,
  onPrevious,
  onNext,
  children,
}: {
  hasPrevious: boolean;
  hasNext: boolean;
  onPrevious: () => void;
  onNext: () => void;
  children?: React.ReactNode;
}) {
  const t = useMessages(common);
  if (!hasPrevious && !hasNext) return null;
  return (
    <nav className="pagination" aria-label={t.pages}>
      <Button disabled={!hasPrevious} onClick={onPrevious}>
        ← {t.previous}
      </Button>
      <span className="muted small">{children}</span>
      <Button disabled={!hasNext} onClick={onNext}>
        {t.next} →
      </Button>
    </nav>
  );
}
