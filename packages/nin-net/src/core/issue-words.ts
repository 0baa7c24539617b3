/** What schemas refuse, in this package's words rather than Zod's. */
import type * as z from "zod";

/** `expected a number of at least 1`: what a schema wanted where it refused a value, without a full stop. */
export function expectationOf(issue: z.core.$ZodIssue): string {
  // What our schemas say themselves.
  if (issue.message.startsWith("expected")) return issue.message;
  const wanted = wantedOf(issue);
  return wanted === null ? issue.message.replace(/\.$/, "") : `expected ${wanted}`;
}

function wantedOf(issue: z.core.$ZodIssue): string | null {
  switch (issue.code) {
    case "invalid_type":
      return kinds[issue.expected] ?? `a value of type ${issue.expected}`;
    case "invalid_value":
      return disjunction.format(issue.values.map(String));
    case "too_small":
      return bounded(issue, issue.inclusive === false ? "above" : "at least", issue.minimum);
    case "too_big":
      return bounded(issue, issue.inclusive === false ? "below" : "at most", issue.maximum);
    case "invalid_union": {
      const wanted = issue.errors.map(([first]) => (first === undefined ? null : wantedOf(first)));
      const known = [...new Set(wanted.filter((each) => each !== null))];
      return known.length === 0 ? null : disjunction.format(known);
    }
    case "unrecognized_keys":
      return `no ${disjunction.format(issue.keys.map((key) => JSON.stringify(key)))}`;
    default:
      return null;
  }
}

function bounded(
  { origin, exact }: { readonly origin: string; readonly exact?: boolean | undefined },
  how: string,
  bound: number | bigint,
): string {
  const isAbout = how === "above" || how === "below";
  const unit = units[origin];
  if (unit === undefined) return isAbout ? `a number ${how} ${bound}` : `a number of ${how} ${bound}`;
  const count = exact ? `exactly ${bound}` : isAbout ? `a count ${how} ${bound}` : `${how} ${bound}`;
  return `${count} ${unit}${Number(bound) === 1 ? "" : "s"}`;
}

/** What has a length, and what it is counted in. */
const units: Readonly<Record<string, string>> = { array: "item", set: "item", string: "character" };

const kinds: Readonly<Record<string, string>> = {
  number: "a number",
  int: "a whole number",
  string: "a text",
  boolean: "true or false",
  array: "a list",
  tuple: "a list",
  object: "an object",
  record: "an object",
  null: "null",
};

/** `a, b or c`, in British English: no comma before the last. */
export const disjunction = new Intl.ListFormat("en-GB", { type: "disjunction" });
