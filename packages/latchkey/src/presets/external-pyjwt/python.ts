/** Values as Python prints them: the messages of the original quote them so. */

/** `repr()` of what JSON can hold. */
export function repr(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`
  if (typeof value === 'object')
    return `{${Object.entries(value)
      .map(([name, member]) => `${quoted(name)}: ${repr(member)}`)
      .join(', ')}}`
  return String(value)
}

/** The framework makes text of every leaf of an error: `{"minLength": 1}` is answered as `{"minLength":"1"}`. */
export function asDetail(value: unknown): unknown {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(asDetail)
  if (typeof value !== 'object' || value === null) return repr(value)
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, asDetail(member)]))
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text.replace(/[\\\n\r\t]|[^\P{C}]|[^\P{Z} ]/gu, (found) => ESCAPES[found] ?? codePoint(found))
  return `${quote}${quote === "'" ? escaped.replaceAll("'", "\\'") : escaped}${quote}`
}

function codePoint(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16)
  if (hex.length <= 2) return `\\x${hex.padStart(2, '0')}`
  return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}
