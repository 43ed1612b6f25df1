// The rules that schema.graphql keeps.
import graphql from "@graphql-eslint/eslint-plugin";

const described = ["FieldDefinition", "InputValueDefinition", "EnumValueDefinition", "DirectiveDefinition"];

export default [
  {
    files: ["**/*.graphql"],
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: "../../schema.graphql" } },
    },
    plugins: { "@graphql-eslint": graphql },
    rules: {
      ...graphql.configs["flat/schema-recommended"].rules,
      ...graphql.configs["flat/schema-relay"].rules,
      "@graphql-eslint/require-description": [
        "error",
        { types: true, rootField: true, ...Object.fromEntries(described.map((kind) => [kind, true])) },
      ],
      // Short lists, such as an invoice's lines, aren't paged; and nobody refetches an event.
      "@graphql-eslint/relay-edge-types": [
        "error",
        { withEdgeSuffix: true, shouldImplementNode: false, listTypeCanWrapOnlyEdgeType: false },
      ],
      // Rows of a file and likely duplicates are read forwards only, which Relay allows.
      "@graphql-eslint/relay-arguments": ["error", { includeBoth: false }],
      // Values, such as a location or a line, have no identity of their own.
      "@graphql-eslint/strict-id-in-types": "off",
      // `Receiver.receiverType` is named as in `Customer`.
      "@graphql-eslint/no-typename-prefix": "off",
    },
  },
];
