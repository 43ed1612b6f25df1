/** `graphql(...)` types a document from ../schema.graphql; `npm run codegen` makes it known. */
export { graphql } from "./generated";
export * from "./generated/graphql";
