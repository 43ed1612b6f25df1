import { graphql } from "@/graphql";

/** How the mail with a document, or with an invented invoice, will read. */
export const PREVIEW_MAIL = graphql(/* GraphQL */ `
  query PreviewMail($id: ID, $language: Language! = ES, $mailTexts: [MailTextInput!], $message: String) {
    previewMail(id: $id, language: $language, mailTexts: $mailTexts, message: $message) {
      subject
      text
      files
      userErrors {
        ...Refusal
      }
    }
  }
`);
