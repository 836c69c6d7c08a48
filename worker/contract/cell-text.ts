/** How text begins that a spreadsheet takes for a formula, and runs; the last four are full-width signs. */
const FORMULA = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;

/** Text for a cell of a table: an apostrophe before it keeps a formula from being one (OWASP, "CSV injection"). */
export const cellText = (text: string): string => (FORMULA.test(text) ? `'${text}` : text);
