/** The classes of data sets of digits; a label is an index into them. */
export const digitNames = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"] as const;
