import { Route, Switch } from "wouter";
import { ReadOnly } from "@/components/ReadOnly";
import { useMessages } from "@/i18n";
import { invoices } from "@/i18n/invoices";
import { notes as noteWords } from "@/i18n/notes";
import { useMay } from "@/layout/viewer";
import { NotFoundPage } from "@/pages/NotFoundPage";
import { CorrectPage } from "./CorrectPage";
import { LISTS } from "./DocumentTabs";
import { EditInvoicePage } from "./EditInvoicePage";
import { DocumentPage } from "./DocumentPage";
import { InvoicesPage } from "./InvoicesPage";
import { NewInvoicePage } from "./NewInvoicePage";
import { NewNotePage } from "./NewNotePage";
import { NotesPage } from "./NotesPage";

export default function InvoicesPages() {
  const t = useMessages(invoices);
  const notes = useMessages(noteWords);
  const mayWrite = useMay("WRITE");
  const readOnly = <ReadOnly title={t.readOnly} href="/facturas" label={t.backToList} />;
  const noNotes = (id: string) => (
    <ReadOnly title={notes.readOnly} href={`/facturas/${id}`} label={t.seeInvoice} />
  );
  return (
    <Switch>
      <Route path="/facturas" component={InvoicesPage} />
      <Route path={LISTS.credit}>
        <NotesPage key="credit" kind="credit" />
      </Route>
      <Route path={LISTS.debit}>
        <NotesPage key="debit" kind="debit" />
      </Route>
      <Route path="/facturas/nueva">{mayWrite ? <NewInvoicePage /> : readOnly}</Route>
      <Route path="/facturas/:id">{({ id }) => <DocumentPage key={id} id={id} />}</Route>
      <Route path="/facturas/:id/editar">
        {({ id }) => (mayWrite ? <EditInvoicePage key={id} id={id} /> : readOnly)}
      </Route>
      <Route path="/facturas/:id/corregir">
        {({ id }) => (mayWrite ? <CorrectPage key={id} id={id} /> : readOnly)}
      </Route>
      <Route path="/facturas/:id/nota-de-credito">
        {({ id }) => (mayWrite ? <NewNotePage key={id} id={id} kind="credit" /> : noNotes(id))}
      </Route>
      <Route path="/facturas/:id/nota-de-debito">
        {({ id }) => (mayWrite ? <NewNotePage key={id} id={id} kind="debit" /> : noNotes(id))}
      </Route>
      <Route component={NotFoundPage} />
    </Switch>
  );
}
