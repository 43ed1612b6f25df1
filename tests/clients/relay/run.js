// What Relay's store holds after the app's requests to a server: pages joined, objects known by their ids.
import relay from "relay-runtime";
import Customers from "./__generated__/appCustomersQuery.graphql.js";
import More from "./__generated__/appCustomersPaginationQuery.graphql.js";
import Node from "./__generated__/appNodeQuery.graphql.js";
import Rename from "./__generated__/appRenameMutation.graphql.js";

const { ConnectionHandler, Environment, Network, RecordSource, Store, commitMutation, fetchQuery } = relay;
const { ISTMO_URL, ISTMO_KEY } = process.env;

const environment = new Environment({
  store: new Store(new RecordSource()),
  network: Network.create(async ({ text }, variables) => {
    const response = await fetch(`${ISTMO_URL}/graphql`, {
      method: "POST",
      headers: {
        Authorization: `Bearer ${ISTMO_KEY}`,
        "Content-Type": "application/json",
        Accept: "application/graphql-response+json",
      },
      body: JSON.stringify({ query: text, variables }),
    });
    return response.json();
  }),
});

function ask(query, variables) {
  environment.retain(relay.createOperationDescriptor(relay.getRequest(query), variables));
  return fetchQuery(environment, query, variables).toPromise();
}

function change(mutation, variables) {
  return new Promise((resolve, reject) =>
    commitMutation(environment, { mutation, variables, onCompleted: resolve, onError: reject }),
  );
}

function listed() {
  let state;
  environment.commitUpdate((store) => {
    const list = ConnectionHandler.getConnection(store.getRoot(), "app_customers", { search: null });
    const edges = list.getLinkedRecords("edges");
    const page = list.getLinkedRecord("pageInfo");
    state = {
      totalCount: list.getValue("totalCount"),
      names: edges.map((edge) => edge.getLinkedRecord("node").getValue("name")),
      ids: edges.map((edge) => edge.getLinkedRecord("node").getDataID()),
      hasNextPage: page.getValue("hasNextPage"),
      endCursor: page.getValue("endCursor"),
    };
  });
  return state;
}

const seen = {};
await ask(Customers, { search: null });
seen.first = listed();
await ask(More, { search: null, count: 2, cursor: seen.first.endCursor });
seen.joined = listed();

const [id] = seen.joined.ids;
seen.node = await ask(Node, { id });
seen.renamed = (await change(Rename, { id, name: "Ábaco, S.A." })).updateCustomer;
seen.after = listed();
console.log(JSON.stringify(seen));
