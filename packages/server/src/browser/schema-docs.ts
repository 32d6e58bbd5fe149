/** The documentation of the schema, from its introspection. Runs in browsers. */
/// <reference lib="dom" />

interface TypeRef {
  readonly kind: string
  readonly name: string | null
  readonly ofType?: TypeRef
}

interface FieldInfo {
  readonly name: string
  readonly description: string | null
  readonly args: readonly { readonly name: string; readonly type: TypeRef }[]
  readonly type: TypeRef
}

interface TypeInfo {
  readonly kind: string
  readonly name: string
  readonly fields: readonly FieldInfo[] | null
}

const ref = (levels: number): string => `kind name${levels > 0 ? ` ofType { ${ref(levels - 1)} }` : ''}`

/** Lists of non-null things are three wraps; nothing here is deeper. */
export const INTROSPECTION: string = `{ __schema { types { kind name fields {
  name description args { name type { ${ref(3)} } } type { ${ref(3)} }
} } } }`

/** The types of an introspection, roots first, as elements to show. */
export function schemaDocs(schema: { readonly types: readonly TypeInfo[] }): readonly HTMLElement[] {
  const ours = schema.types.filter(({ kind, name }) => kind === 'OBJECT' && !name.startsWith('__'))
  const rank = ({ name }: TypeInfo): number => ['Query', 'Mutation'].indexOf(name) + 1 || 3
  return [...ours].sort((a, b) => rank(a) - rank(b)).flatMap(sectionOf)
}

function sectionOf({ name, fields }: TypeInfo): readonly HTMLElement[] {
  const list = document.createElement('dl')
  for (const field of fields ?? []) {
    list.append(element('dt', signature(field)))
    if (field.description) list.append(element('dd', field.description))
  }
  return [element('h3', `type ${name}`), list]
}

function signature({ name, args, type }: FieldInfo): string {
  const given = args.map((one) => `${one.name}: ${written(one.type)}`).join(', ')
  return `${name}${given === '' ? '' : `(${given})`}: ${written(type)}`
}

function written({ kind, name, ofType }: TypeRef): string {
  if (!ofType) return name ?? '…'
  return kind === 'LIST' ? `[${written(ofType)}]` : `${written(ofType)}!`
}

/** Text goes in as text: a description cannot become markup. */
function element(tag: string, text: string): HTMLElement {
  const made = document.createElement(tag)
  made.textContent = text
  return made
}
