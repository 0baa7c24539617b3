/** An option's value; ends the script with status 2 where it is something else than a whole number. */
export function wholeNumber(option, text, least) {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  console.error(`${option}: got "${text}", expected a whole number of at least ${least}.`);
  process.exit(2);
}
