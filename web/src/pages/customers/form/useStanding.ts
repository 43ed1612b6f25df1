import { useRef } from "react";
import type { Refusals } from "@/graphql/errors";
import type { CustomerFormValue } from "./values";

/** What each part of the form is refused by: these are right or wrong only together. */
const TOGETHER = ["ruc", "dv", "taxpayerType"];

/** Those refusals whose fields have not been changed since. */
export function useStanding(refusals: Refusals, value: CustomerFormValue): Refusals {
  const refused = useRef({ refusals, value });
  if (refused.current.refusals !== refusals) refused.current = { refusals, value };
  const before = refused.current.value;

  const changed = (name: string): boolean => {
    if (value === before) return false;
    const names = TOGETHER.includes(name) ? TOGETHER : [name === "locationCode" ? "place" : name];
    return names.some((each) => {
      const key = each as keyof CustomerFormValue;
      return JSON.stringify(before[key]) !== JSON.stringify(value[key]);
    });
  };
  return refusals.filter(({ path }) => path[0] === undefined || !changed(path[0]));
}
