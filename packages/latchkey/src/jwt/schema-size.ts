/** How large claims can be, as far as their JSON Schema says it: for places that hold only so much, such as a cookie. */

/** The most bytes of JSON that each claim takes, name included; what has no limit counts as the least it can be. */
export function claimSizes(schema: unknown): ReadonlyMap<string, number> {
  const root = (typeof schema === 'object' && schema !== null ? schema : {}) as Node
  const reading = { definitions: { ...root.definitions, ...root.$defs }, depth: 0 }
  return new Map(propertiesOf(root, reading).map(([name, one]) => [name, member(name, one, reading)]))
}

interface Node {
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly maxLength?: number
  readonly maximum?: number
  readonly minimum?: number
  readonly maxItems?: number
  readonly items?: Node
  readonly prefixItems?: readonly Node[]
  readonly properties?: Readonly<Record<string, Node>>
  readonly anyOf?: readonly Node[]
  readonly oneOf?: readonly Node[]
  readonly allOf?: readonly Node[]
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Node>>
  readonly definitions?: Readonly<Record<string, Node>>
}

interface Reading {
  readonly definitions: Readonly<Record<string, Node>>
  /** A schema may refer to itself: nothing that deep fits anyway. */
  readonly depth: number
}

const DEEPEST = 8
const LEAST: Readonly<Record<string, number>> = { string: 2, boolean: 5, null: 4, array: 2, object: 2 }
/** A double in its longest spelling. */
const NUMBER = 24
const INTEGER = 17

const propertiesOf = (
  { properties = {}, allOf = [] }: Node,
  reading: Reading,
): readonly (readonly [string, Node])[] => [
  ...Object.entries(properties),
  ...allOf.flatMap((one) => propertiesOf(resolved(one, reading), reading)),
]

// The quotes, the colon and the comma.
const member = (name: string, value: Node, reading: Reading): number =>
  Buffer.byteLength(JSON.stringify(name)) + 2 + mostOf(value, reading)

function mostOf(given: Node, from: Reading): number {
  const node = resolved(given, from)
  if (from.depth >= DEEPEST || typeof node !== 'object') return 0
  const reading = { ...from, depth: from.depth + 1 }
  if (Object.hasOwn(node, 'const')) return written(node.const)
  if (node.enum) return Math.max(0, ...node.enum.map(written))
  const types = typeof node.type === 'string' ? [node.type] : (node.type ?? impliedBy(node))
  const choices = [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])]
  return Math.max(0, ...types.map((type) => ofType(type, node, reading)), ...choices.map((one) => mostOf(one, reading)))
}

const impliedBy = (node: Node): readonly string[] => [
  ...(node.maxLength === undefined ? [] : ['string']),
  ...(node.items || node.prefixItems || node.maxItems !== undefined ? ['array'] : []),
  ...(node.properties ? ['object'] : []),
]

function ofType(type: string, node: Node, reading: Reading): number {
  switch (type) {
    case 'string':
      // A character counts as one byte: most are, and a token that comes out larger is refused when it is made.
      return 2 + (node.maxLength ?? 0)
    case 'integer':
      return node.maximum !== undefined && node.minimum !== undefined
        ? Math.max(written(node.maximum), written(node.minimum))
        : INTEGER
    case 'number':
      return NUMBER
    case 'array': {
      const first = node.prefixItems ?? []
      const more = Math.max(0, (node.maxItems ?? first.length) - first.length)
      const each = (item: Node) => mostOf(item, reading) + 1
      return 2 + first.reduce((sum, item) => sum + each(item), 0) + (node.items ? more * each(node.items) : 0)
    }
    case 'object':
      return 2 + propertiesOf(node, reading).reduce((sum, [name, one]) => sum + member(name, one, reading), 0)
    default:
      return LEAST[type] ?? 0
  }
}

const written = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '')

function resolved(node: Node, { definitions }: Reading): Node {
  const name = /^#\/(?:\$defs|definitions)\/([^/]+)$/.exec(node?.$ref ?? '')?.[1]
  return (name !== undefined && definitions[name]) || node
}
