import "./pagination.css";
import { Button } from "@/components/Button";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";

/** Buttons for the page before and the page after. */
export function Pagination({
  hasPrevious,
  hasNext,
  onPrevious,
  onNext,
}: {
  hasPrevious: boolean;
  hasNext: boolean;
  onPrevious: () => void;
  onNext: () => void;
}) {
  const t = useMessages(common);
  if (!hasPrevious && !hasNext) return null;
  return (
    <nav className="pagination" aria-label={t.pages}>
      <Button disabled={!hasPrevious} onClick={onPrevious}>
        ← {t.previous}
      </Button>

      <Button disabled={!hasNext} onClick={onNext}>
        {t.next} →
      </Button>
    </nav>
  );
}
