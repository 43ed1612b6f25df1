/** The customers that fields are taken from, by the names of the fields. */
export type Choices = Readonly<Record<string, string>>;

/** Fields that come from one customer, as the service has it. */
const TOGETHER = [
  ["receiverType", "taxpayerType", "ruc", "dv", "foreignId"],
  ["locationCode", "address"],
];

/** The choices with a field from this customer, and what comes with it. */
export function choose(choices: Choices, name: string, customerId: string): Choices {
  const group = TOGETHER.find((names) => names.includes(name)) ?? [name];
  return { ...choices, ...Object.fromEntries(group.map((each) => [each, customerId])) };
}
