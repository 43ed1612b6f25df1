import { useState } from "react";
import type { Refusals } from "@/graphql/errors";
import type { CustomerFormValue } from "./values";

/** These fields are checked against each other, so a change of one makes what was said of the others outdated. */
const CHECKED_TOGETHER = ["ruc", "dv", "taxpayerType"];

/** The refusals of fields that have not been changed since the request was refused. */
export function useCurrentRefusals(refusals: Refusals, value: CustomerFormValue): Refusals {
  const [refused, setRefused] = useState({ refusals, value });
  if (refused.refusals !== refusals) setRefused({ refusals, value });

  function hasChanged(name: string): boolean {
    const names = CHECKED_TOGETHER.includes(name)
      ? CHECKED_TOGETHER
      : [name === "locationCode" ? "place" : name];
    return names.some((each) => {
      const key = each as keyof CustomerFormValue;
      return JSON.stringify(refused.value[key]) !== JSON.stringify(value[key]);
    });
  }

  if (refused.refusals !== refusals) return refusals;
  return refusals.filter(({ path: [name] }) => name === undefined || !hasChanged(name));
}
