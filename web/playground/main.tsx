/** GraphiQL, signed in by the session's cookie or by a key in its headers: {"Authorization": "Bearer istmo_…"} */

import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "./playground.css";
import { createGraphiQLFetcher, type Fetcher, type FetcherParams } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { getOperationAST, parse } from "graphql";
import { createRoot } from "react-dom/client";
import { fetchInOrder } from "@/position";
import { starters } from "./starters";

const fetcher = createGraphiQLFetcher({
  url: "/graphql",
  fetch: fetchInOrder,
  subscriptionUrl: new URL("/graphql", window.location.href.replace(/^http/, "ws")).href,
  enableIncrementalDelivery: false,
});

/** Just after a change of tab, GraphiQL may still name the operation of the tab before: that name is dropped. */
function dropWrongName(request: FetcherParams): FetcherParams {
  try {
    const operation = getOperationAST(parse(request.query), request.operationName);
    return operation ? request : { ...request, operationName: null };
  } catch {
    return request; // the service says what is wrong with the query
  }
}

const fetchNamed: Fetcher = (request, options) => fetcher(dropWrongName(request), options);

function Playground({ isSignedIn }: { isSignedIn: boolean }) {
  return (
    <>
      {!isSignedIn && (
        <p className="sign-in-hint">
          You are not signed in: <a href="/sign-in?next=/playground">sign in</a>, or write a key into Headers:{" "}
          <code>{'{"Authorization": "Bearer istmo_…"}'}</code>
        </p>
      )}
      <GraphiQL fetcher={fetchNamed} defaultTabs={starters} defaultEditorToolsVisibility="variables">
        <GraphiQL.Logo>
          <a href="/" className="home">
            ← Istmo
          </a>
        </GraphiQL.Logo>
      </GraphiQL>
    </>
  );
}

async function askWhetherSignedIn(): Promise<boolean> {
  const { status } = await fetch("/graphql", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ query: "{ __typename }" }),
  });
  return status !== 401;
}

const root = document.getElementById("root");
if (root) {
  const isSignedIn = await askWhetherSignedIn().catch(() => true);
  createRoot(root).render(<Playground isSignedIn={isSignedIn} />);
}
