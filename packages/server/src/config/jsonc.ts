/** JSON with comments and trailing commas, as editors know it: what people write into a configuration file. */

/** The value of a text. Throws what `JSON.parse` throws. */
export function parseJsonc(text: string): unknown {
  return JSON.parse(withoutComments(text))
}

// A string, a comment, or a comma with nothing behind it but space, comments and the closing bracket.
const string = /"(?:[^"\\\n]|\\.)*"/.source
// To the end of its line, and not a character less: a bracket in a comment closes nothing.
const comment = /\/\/[^\n]*(?![^\n])|\/\*(?:[^*]|\*(?!\/))*\*\//.source
const notable = new RegExp(`${string}|${comment}|,(?=(?:\\s|${comment})*[}\\]])`, 'g')

/** Comments become space of the same length and lines, so that a complaint about a position is true. */
function withoutComments(text: string): string {
  return text.replace(notable, (found) => (found.startsWith('"') ? found : found.replace(/[^\n]/g, ' ')))
}
