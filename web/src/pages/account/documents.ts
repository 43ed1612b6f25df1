import { graphql } from "@/graphql";

graphql(/* GraphQL */ `
  fragment Settings on Account {
    id
    version
    name
    legalName
    ruc
    dv
    taxpayerType
    address
    phone
    mobile
    email
    terms
    paymentTermDays
    paymentMethod
    saleType
    electronicInvoicing
    paperColor
    paperFooter
    bankLines
    logoDigest
    mailLink
    mailTexts {
      language
      subject
      greeting
    }
  }
`);

graphql(/* GraphQL */ `
  fragment BillingPointSettings on BillingPoint {
    branch
    code
    name
    lastNumber
    nextNumber
    version
  }
`);

graphql(/* GraphQL */ `
  fragment BranchSettings on Branch {
    code
    name
    address
    location {
      code
      corregimiento
      district
      province
    }
    phone
    mobile
    email
    type
    version
  }
`);

graphql(/* GraphQL */ `
  fragment Provider on PacSetting {
    provider
    environment
    updatedAt
    version
  }
`);

export const ACCOUNT = graphql(/* GraphQL */ `
  query Account {
    pacSetting {
      ...Provider
    }
    viewer {
      account {
        ...Settings
        branches {
          ...BranchSettings
        }
        billingPoints {
          ...BillingPointSettings
        }
      }
    }
  }
`);

/** How many customers lack what electronic invoicing requires. */
export const INCOMPLETE_CUSTOMERS = graphql(/* GraphQL */ `
  query IncompleteCustomers {
    customers(filter: { incomplete: true }, first: 1) {
      totalCount
    }
  }
`);

export const UPDATE_ACCOUNT = graphql(/* GraphQL */ `
  mutation UpdateAccount($input: AccountInput!, $version: Int) {
    updateAccount(input: $input, version: $version) {
      account {
        ...Settings
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const SET_PAC_CREDENTIALS = graphql(/* GraphQL */ `
  mutation SetPacCredentials($provider: String!, $credentials: PacCredentialsInput, $version: Int) {
    setPacCredentials(provider: $provider, credentials: $credentials, version: $version) {
      pacSetting {
        ...Provider
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const CREATE_BRANCH = graphql(/* GraphQL */ `
  mutation CreateBranch($input: BranchInput!) {
    createBranch(input: $input) {
      branch {
        ...BranchSettings
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const UPDATE_BRANCH = graphql(/* GraphQL */ `
  mutation UpdateBranch($code: String!, $input: BranchPatch!, $version: Int) {
    updateBranch(code: $code, input: $input, version: $version) {
      branch {
        ...BranchSettings
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const CREATE_BILLING_POINT = graphql(/* GraphQL */ `
  mutation CreateBillingPoint($branch: String!, $code: String!, $name: String, $firstNumber: String) {
    createBillingPoint(branch: $branch, code: $code, name: $name, firstNumber: $firstNumber) {
      billingPoint {
        ...BillingPointSettings
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const UPDATE_BILLING_POINT = graphql(/* GraphQL */ `
  mutation UpdateBillingPoint(
    $branch: String!
    $code: String!
    $name: String
    $nextNumber: String
    $version: Int
  ) {
    updateBillingPoint(
      branch: $branch
      code: $code
      name: $name
      nextNumber: $nextNumber
      version: $version
    ) {
      billingPoint {
        ...BillingPointSettings
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const API_KEYS = graphql(/* GraphQL */ `
  query ApiKeys {
    apiKeys {
      id
      name
      scope
      createdAt
      expiresAt
      revokedAt
      lastUsedAt
    }
  }
`);

export const CREATE_API_KEY = graphql(/* GraphQL */ `
  mutation CreateApiKey($name: String!, $scope: Scope!, $expiresAt: DateTime) {
    createApiKey(name: $name, scope: $scope, expiresAt: $expiresAt) {
      apiKey {
        id
        name
      }
      secret
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const REVOKE_API_KEY = graphql(/* GraphQL */ `
  mutation RevokeApiKey($id: ID!) {
    revokeApiKey(id: $id) {
      apiKey {
        id
        revokedAt
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const SESSIONS = graphql(/* GraphQL */ `
  query Sessions {
    sessions {
      id
      keyName
      scope
      createdAt
      expiresAt
      lastUsedAt
    }
    viewer {
      sessionId
    }
  }
`);

export const REVOKE_SESSION = graphql(/* GraphQL */ `
  mutation RevokeSession($id: ID!) {
    revokeSession(id: $id) {
      session {
        id
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const SIGN_OUT_EVERYWHERE = graphql(/* GraphQL */ `
  mutation SignOutEverywhere {
    signOutEverywhere {
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const WEBHOOKS = graphql(/* GraphQL */ `
  query Webhooks {
    webhooks {
      id
      url
      types
      failingSince
      disabledAt
      disabledReason
      createdAt
    }
  }
`);

export const WEBHOOK_DELIVERIES = graphql(/* GraphQL */ `
  query WebhookDeliveries(
    $webhookId: ID!
    $status: DeliveryStatus
    $first: Int
    $after: String
    $last: Int
    $before: String
  ) {
    webhookDeliveries(
      webhookId: $webhookId
      status: $status
      first: $first
      after: $after
      last: $last
      before: $before
    ) {
      totalCount
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
      edges {
        node {
          id
          status
          attempts
          error
          beganAt
          nextAttemptAt
          settledAt
          event {
            id
            type
            sequence
            objectId
            occurredAt
          }
        }
      }
    }
  }
`);

export const CREATE_WEBHOOK = graphql(/* GraphQL */ `
  mutation CreateWebhook($url: String!, $types: [EventType!]) {
    createWebhook(url: $url, types: $types) {
      webhook {
        id
        url
      }
      secret
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const ROTATE_WEBHOOK_SECRET = graphql(/* GraphQL */ `
  mutation RotateWebhookSecret($id: ID!) {
    rotateWebhookSecret(id: $id) {
      webhook {
        id
      }
      secret
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const ENABLE_WEBHOOK = graphql(/* GraphQL */ `
  mutation EnableWebhook($id: ID!) {
    enableWebhook(id: $id) {
      webhook {
        id
        disabledAt
      }
      userErrors {
        ...Refusal
      }
    }
  }
`);

export const DELETE_WEBHOOK = graphql(/* GraphQL */ `
  mutation DeleteWebhook($id: ID!) {
    deleteWebhook(id: $id) {
      deletedId
      userErrors {
        ...Refusal
      }
    }
  }
`);
