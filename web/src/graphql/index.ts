/** `graphql(...)` marks a document, whose types `npm run codegen` generates from ../schema.graphql. */
export { graphql } from "./generated";
export * from "./generated/graphql";
