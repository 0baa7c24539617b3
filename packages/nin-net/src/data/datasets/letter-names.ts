/** The letters of EMNIST, as the mappings in its archive have them. */
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

export const capitals: readonly string[] = [...alphabet];

export const smallLetters: readonly string[] = [...alphabet.toLowerCase()];

/** A capital and its small letter in one class. */
export const bothCases: readonly string[] = capitals.map((capital) => `${capital}${capital.toLowerCase()}`);

/** Those that look unlike their capitals; the others are in one class with theirs, which is named by the capital. */
export const distinctSmallLetters: readonly string[] = [..."abdefghnqrt"];
