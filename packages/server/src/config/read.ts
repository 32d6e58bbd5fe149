/** Reads one setting: the value as its kind has it, or a sentence on what it must be. The value itself is never repeated. */
import { misconfigured } from '../cli/failure.js'
import { isIssuers } from './issuers.js'
import { type Kind, rows, type Said, type Setting } from './settings.js'

const must: Readonly<Record<Kind, string>> = {
  text: 'must be text, and not empty',
  number: 'must be a whole number',
  switch: 'must be true or false',
  list: 'must be a list of texts',
  duration: "must be whole seconds, or a duration such as '15m'",
  proxies: "must be a number of proxies, or a list of addresses and ranges such as '10.0.0.0/8'",
  issuers: 'must be a list of objects, one for each issuer, without `admit`, which is code',
}

/** Values that only some words can be. */
const words: Partial<Record<Setting, readonly string[]>> = {
  refresh: ['rotating', 'fixed', 'single'],
  logLevel: ['debug', 'info', 'warn', 'error', 'silent'],
}

/** A value that came as JSON. `where` is the source, as the message names it. */
export function readValue(name: Setting, value: unknown, where: string): Said {
  const { kind } = rows[name]
  const allowed = words[name]
  const good = fits[kind](value) && (!allowed || allowed.includes(String(value)))
  if (!good) throw misconfigured(`${name} (${where}) ${allowed ? `must be ${allowed.join(', ')}` : must[kind]}.`)
  return { [name]: value } as Said
}

/** A value that came as text: from the environment, or as a flag. */
export const readText = (name: Setting, text: string, where: string): Said =>
  readValue(name, parse[rows[name].kind](text), where)

const isText = (value: unknown): boolean => typeof value === 'string' && value.trim() !== ''
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0
const isList = (value: unknown): boolean => Array.isArray(value) && value.length > 0 && value.every(isText)

const fits: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  text: isText,
  number: isCount,
  switch: (value) => typeof value === 'boolean',
  list: isList,
  duration: (value) => isText(value) || isCount(value),
  proxies: (value) => isCount(value) || isList(value),
  issuers: isIssuers,
}

const asNumber = (text: string): unknown => (/^\d{1,9}$/.test(text) ? Number(text) : text)
const asList = (text: string): readonly string[] => text.split(',').map((one) => one.trim())

const parse: Readonly<Record<Kind, (text: string) => unknown>> = {
  text: (text) => text,
  number: asNumber,
  switch: (text) => ({ true: true, false: false, 1: true, 0: false })[text] ?? text,
  list: asList,
  duration: asNumber,
  proxies: (text) => (/^\d{1,9}$/.test(text) ? Number(text) : asList(text)),
  issuers: asJson,
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
