// The audits of graphql-http, which the GraphQL over HTTP working group keeps, against a server.
import { serverAudits } from "graphql-http";

const { ISTMO_URL, ISTMO_KEY } = process.env;

const audits = serverAudits({
  url: `${ISTMO_URL}/graphql`,
  fetchFn: (url, init = {}) =>
    fetch(url, { ...init, headers: { ...init.headers, Authorization: `Bearer ${ISTMO_KEY}` } }),
});
const results = [];
for (const audit of audits) {
  const { name, status, reason } = await audit.fn();
  results.push({ name, status, reason });
}
console.log(JSON.stringify(results));
