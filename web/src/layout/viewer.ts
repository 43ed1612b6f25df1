import { createContext, useContext } from "react";
import { graphql, type Scope, type ViewerQuery } from "@/graphql";

export const VIEWER = graphql(/* GraphQL */ `
  query Viewer {
    viewer {
      scope
      account {
        id
        name
        electronicInvoicing
      }
    }
  }
`);

export type Viewer = ViewerQuery["viewer"];

export const ViewerContext = createContext<Viewer | null>(null);

/** The viewer that is signed in, which every page within the layout has. */
export function useViewer(): Viewer {
  const viewer = useContext(ViewerContext);
  if (!viewer) throw new Error("useViewer works only within the layout");
  return viewer;
}

const SCOPES: Scope[] = ["READ", "WRITE", "ADMIN"];

/** Whether the session's key has this scope or a higher one. */
export function useMay(scope: Scope): boolean {
  return SCOPES.indexOf(useViewer().scope) >= SCOPES.indexOf(scope);
}
