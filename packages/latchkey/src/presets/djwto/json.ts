/** JSON as Python writes it: a space behind every comma and colon, and nothing but ASCII. */

/** `sorted`: the members of objects by their names. */
export function pythonJson(value: unknown, sorted = false): string {
  if (Array.isArray(value)) return `[${value.map((one) => pythonJson(one ?? null, sorted)).join(', ')}]`
  if (typeof value !== 'object' || value === null) return ascii(JSON.stringify(value))
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  if (sorted) members.sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${members.map(([name, member]) => `${ascii(JSON.stringify(name))}: ${pythonJson(member, sorted)}`).join(', ')}}`
}

const ascii = (text: string): string =>
  text.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
