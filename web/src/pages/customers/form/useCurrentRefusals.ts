import { useState } from "react";
import type { Refusals } from "@/graphql/errors";
import type { CustomerFieldName, CustomerFormValue } from "./values";

/** These fields are checked against each other, so a change of one makes the refusals of the others outdated. */
const CHECKED_TOGETHER: CustomerFieldName[] = ["ruc", "dv", "taxpayerType"];

/** The refusals of fields that have not been changed since the request was refused. */
export function useCurrentRefusals(refusals: Refusals, value: CustomerFormValue): Refusals {
  const [refused, setRefused] = useState({ refusals, value });
  if (refused.refusals !== refusals) {
    setRefused({ refusals, value });
    return refusals;
  }
  const hasChanged = (name: CustomerFieldName) => {
    const names = CHECKED_TOGETHER.includes(name) ? CHECKED_TOGETHER : [name];
    return names.some((each) => JSON.stringify(refused.value[each]) !== JSON.stringify(value[each]));
  };
  return refusals.filter(({ path: [name] }) => name === undefined || !hasChanged(name as CustomerFieldName));
}
