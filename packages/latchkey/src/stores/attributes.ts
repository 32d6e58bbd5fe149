/** Attributes of an account as text: one text for all that mean the same, so that stores can compare it. */

type Attributes = Readonly<Record<string, unknown>>

export const attributesText = (attributes: Attributes): string => JSON.stringify(attributes, inOrder)

export const attributesOf = (text: string): Attributes => JSON.parse(text)

function inOrder(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
