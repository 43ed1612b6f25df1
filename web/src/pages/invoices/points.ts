/** Billing points as one choice: a code is unique only within its branch. */

export interface ChosenPoint {
  /** "" where the code alone says which point it is. */
  branch: string;
  billingPoint: string;
}

type Named = { code: string; name: string | null };
type Point = Named & { branch: string };

/** "0001-002", as it stands in the address, too. */
export function writePoint({ branch, billingPoint }: ChosenPoint): string {
  return [branch, billingPoint].filter(Boolean).join("-");
}

/** Reads "0001-002", and "002" for the point of any branch. */
export function readPoint(text: string): ChosenPoint {
  const [billingPoint = "", branch = ""] = text.split("-").reverse();
  return { branch, billingPoint };
}

/** The points as options of a select, by branch if there are several. */
export function pointOptions(points: readonly Point[], branches: readonly Named[]): [string, string][] {
  return points.map(({ branch, code, name }) => {
    const own = [code, name].filter(Boolean).join(" · ");
    const of = branches.find((each) => each.code === branch);
    const text = branches.length > 1 ? `${[branch, of?.name].filter(Boolean).join(" ")} / ${own}` : own;
    return [writePoint({ branch, billingPoint: code }), text];
  });
}

/** The option of what was chosen; "" if it is none, or could be several. */
export function optionOf(points: readonly Point[], { branch, billingPoint }: ChosenPoint): string {
  const fitting = points.filter(
    (point) => point.code === billingPoint && (!branch || point.branch === branch),
  );
  const [point] = fitting;
  return point && fitting.length === 1 ? writePoint({ branch: point.branch, billingPoint }) : "";
}
