/** GraphiQL, signed in by the session's cookie or by a key in its headers: {"Authorization": "Bearer istmo_…"} */

import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "./playground.css";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { createRoot } from "react-dom/client";
import { starters } from "./starters";

const fetcher = createGraphiQLFetcher({
  url: "/graphql",
  subscriptionUrl: new URL("/graphql", window.location.href.replace(/^http/, "ws")).href,
  enableIncrementalDelivery: false,
});

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <GraphiQL fetcher={fetcher} defaultTabs={starters} defaultEditorToolsVisibility="variables">
      <GraphiQL.Logo>
        <a href="/" className="home">
          Istmo
        </a>
      </GraphiQL.Logo>
    </GraphiQL>,
  );
}
