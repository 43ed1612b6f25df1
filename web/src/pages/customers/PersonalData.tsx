import { useState } from "react";
import { useMutation, useQuery } from "urql";
import { Button } from "@/components/Button";
import { Badge, Notice } from "@/components/states";
import { useErrorText } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { useFormats } from "@/i18n/format";
import { personalData } from "@/i18n/personalData";
import { useMay } from "@/layout/viewer";
import type { Customer } from "./documents";
import { EraseDialog, RefuseDialog, RegisterDialog } from "./PersonalDataDialogs";
import {
  EXPORT_PERSONAL_DATA,
  PERSONAL_DATA_REQUESTS,
  type PersonalDataRequest,
} from "./personalDataDocuments";

type Opened = "register" | "erase" | PersonalDataRequest;

/** What a person may ask about the data about them: requests, a copy of the data, erasing it. For administrators. */
export function PersonalData({ customer, onErased }: { customer: Customer; onErased: () => void }) {
  const t = useMessages(personalData);
  const errorText = useErrorText();
  const isAdmin = useMay("ADMIN");
  const [opened, setOpened] = useState<Opened>();
  const [{ data }, reload] = useQuery({
    query: PERSONAL_DATA_REQUESTS,
    variables: { id: customer.id },
    pause: !isAdmin,
  });
  const [exporting, exportData] = useMutation(EXPORT_PERSONAL_DATA);
  if (!isAdmin) return null;

  const refresh = () => reload({ requestPolicy: "network-only" });
  const requests = data?.personalDataRequests.edges.map((edge) => edge.node) ?? [];
  const isErased = customer.status === "ERASED";
  const files = exporting.data?.exportPersonalData;
  const problem = exporting.error ? errorText(exporting.error) : files?.userErrors[0]?.message;

  async function makeExport() {
    await exportData({ id: customer.id });
    refresh();
  }

  return (
    <section className="card personal-data" aria-labelledby="personal-data">
      <h2 id="personal-data">{t.title}</h2>
      <p className="muted">{isErased ? t.erasedNotice : t.hint}</p>
      {problem && (
        <Notice kind="danger" role="alert">
          {problem}
        </Notice>
      )}
      {files?.pdfUrl && files.jsonUrl && (
        <Notice kind="success" role="status">
          <p>{t.exported}</p>
          <p className="actions">
            <a href={files.pdfUrl} download>
              {t.pdf}
            </a>
            <a href={files.jsonUrl} download>
              {t.json}
            </a>
          </p>
        </Notice>
      )}
      {requests.length > 0 && <Requests requests={requests} onRefuse={setOpened} />}
      <div className="actions">
        {!isErased && <Button onClick={() => setOpened("register")}>{t.register}</Button>}
        <Button busy={exporting.fetching} onClick={makeExport}>
          {t.export}
        </Button>
        {!isErased && (
          <Button kind="danger" onClick={() => setOpened("erase")}>
            {t.erase}
          </Button>
        )}
      </div>
      {opened === "register" && (
        <RegisterDialog customer={customer} onDone={refresh} onClose={() => setOpened(undefined)} />
      )}
      {opened === "erase" && (
        <EraseDialog
          customer={customer}
          onDone={() => {
            refresh();
            onErased();
          }}
          onClose={() => setOpened(undefined)}
        />
      )}
      {typeof opened === "object" && (
        <RefuseDialog request={opened} onDone={refresh} onClose={() => setOpened(undefined)} />
      )}
    </section>
  );
}

const KINDS = { OPEN: "warning", DONE: "success", REFUSED: "neutral" } as const;

function Requests({
  requests,
  onRefuse,
}: {
  requests: readonly PersonalDataRequest[];
  onRefuse: (request: PersonalDataRequest) => void;
}) {
  const t = useMessages(personalData);
  const formats = useFormats();
  return (
    <>
      <h3>{t.requests}</h3>
      <ul className="side-list">
        {requests.map((request) => (
          <li key={request.id}>
            <p>
              {t.kinds[request.kind]}{" "}
              <Badge kind={request.overdue ? "danger" : KINDS[request.status]}>
                {request.overdue ? t.overdue : t.statuses[request.status]}
              </Badge>
            </p>
            <p className="muted small">
              {t.received(formats.date(request.receivedOn))}
              {" · "}
              {request.answeredAt
                ? t.answered(formats.moment(request.answeredAt))
                : t.due(formats.date(request.dueOn))}
            </p>
            {request.reason && <p className="small">{request.reason}</p>}
            {request.status === "OPEN" && (
              <Button kind="quiet" onClick={() => onRefuse(request)}>
                {t.refuse}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
