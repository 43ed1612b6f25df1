/** The place of a fault in people's words: ["lines", "1", "cpbs"] is "Línea 2 · CPBS". */

export interface Places {
  line: (place: number) => string;
  placeNames: Record<string, string>;
}

/** The place, or undefined where it isn't known. What we have no word for is left out. */
export function placeOf(path: readonly string[] | null, line: number | null, t: Places): string | undefined {
  const [first, ...rest] = path ?? [];
  const position = line ?? (first === "lines" && rest[0] !== undefined ? Number(rest[0]) + 1 : null);
  const names = rest.flatMap((part) => t.placeNames[part] ?? []);
  const head = position ? t.line(position) : first && t.placeNames[first];
  return [head, ...names].filter(Boolean).join(" · ") || undefined;
}
