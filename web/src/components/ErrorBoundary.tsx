import { Component, type ReactNode } from "react";
import { Button } from "@/components/Button";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";

/** Shows what went wrong in place of its children when they can't be drawn. Draws them anew on request, and at another place. */
export class ErrorBoundary extends Component<
  { place: string; children: () => ReactNode },
  { failed: boolean }
> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override componentDidUpdate(before: { place: string }) {
    if (before.place !== this.props.place) this.retry();
  }

  retry = () => {
    if (this.state.failed) this.setState({ failed: false });
  };

  override render() {
    if (this.state.failed) return <Failure onRetry={this.retry} />;
    return this.props.children();
  }
}

function Failure({ onRetry }: { onRetry: () => void }) {
  const t = useMessages(common);
  return (
    <div className="empty-state" role="alert">
      <h1>{t.brokenTitle}</h1>
      <p>{t.broken}</p>
      <div className="actions">
        <Button kind="primary" onClick={onRetry}>
          {t.retry}
        </Button>
        <Button onClick={() => window.location.reload()}>{t.reload}</Button>
      </div>
    </div>
  );
}
