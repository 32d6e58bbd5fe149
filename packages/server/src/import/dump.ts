/** A source that is what `manage.py dumpdata` wrote, as JSON or as lines of it; read once for each of its lists. */
import { statSync } from 'node:fs'
import { EXIT, failure } from '../cli/failure.js'
import { plain } from '../cli/table.js'
import { createCatalogue, type Entry } from './catalogue.js'
import type { Complain, Source, SourceGroup, SourceNames, SourceToken, SourceUser } from './source.js'
import { type BrokenFile, split } from './split.js'

const BLACKLISTED = 'token_blacklist.blacklistedtoken'
const OUTSTANDING = 'token_blacklist.outstandingtoken'
/** What has to be known of all users together is kept, and a file that has more of it is none of Django's. */
const mostBlacklisted = 1_000_000

/** Throws a failure where there is no such file. */
export function openDump(path: string, names: SourceNames, complain: Complain): Source {
  const bytes = sizeOf(path)
  const catalogue = createCatalogue(complain)
  const ended = new Set<unknown>()
  let done = 0
  return { size: bytes * 3, done: () => done, groups, users, blacklist, close: async () => {} }

  async function groups(): Promise<readonly SourceGroup[]> {
    for await (const entry of entries(0, complain)) {
      catalogue.add(entry)
      if (entry.model !== BLACKLISTED) continue
      ended.add(entry.fields.token)
      if (ended.size > mostBlacklisted)
        throw failure(EXIT.failed, 'failed', 'The file has too many blacklisted tokens.')
    }
    return catalogue.groups()
  }

  async function* users(): AsyncIterable<SourceUser> {
    const model = names.userModel.toLowerCase()
    for await (const entry of entries(1)) if (entry.model === model) yield userOf(entry)
  }

  async function* blacklist(): AsyncIterable<SourceToken> {
    if (ended.size > 0) {
      for await (const { model, pk, place, fields } of entries(2)) {
        if (model === OUTSTANDING && ended.has(pk)) yield { place, jti: fields.jti, expires: fields.expires_at }
      }
    }
    done = bytes * 3
  }

  function userOf({ place, pk, fields }: Entry): SourceUser {
    return {
      place,
      id: names.idField === undefined ? pk : fields[names.idField],
      username: fields[names.usernameField],
      email: fields[names.emailField],
      password: fields.password,
      active: fields.is_active,
      superuser: fields.is_superuser,
      staff: fields.is_staff,
      firstName: fields.first_name,
      lastName: fields.last_name,
      joined: fields.date_joined,
      lastLogin: fields.last_login,
      groups: catalogue.groupNames(fields.groups, place),
      permissions: catalogue.permissions(fields.user_permissions, place),
    }
  }

  /** `told`: says what is no object of a dump; once, though the file is read several times. */
  async function* entries(pass: number, told?: Complain): AsyncGenerator<Entry> {
    try {
      for await (const { line, text, read } of split(path)) {
        done = pass * bytes + read
        const place = `line ${line}`
        const entry = text === undefined ? undefined : entryOf(text, place)
        if (entry) yield entry
        else told?.(place, text === undefined ? 'larger than 1 MiB, or no UTF-8' : 'no object of a dump')
      }
    } catch (error) {
      throw (error as Error).name === 'BrokenFile' ? brokenAt(error as BrokenFile) : error
    }
  }
}

function entryOf(text: string, place: string): Entry | undefined {
  try {
    const { model, pk, fields } = JSON.parse(text)
    if (typeof model !== 'string' || typeof fields !== 'object' || fields === null) return undefined
    const where =
      typeof pk === 'number' || typeof pk === 'string' ? `${place} (pk ${plain(String(pk)).slice(0, 64)})` : place
    return { place: where, model: model.toLowerCase(), pk, fields }
  } catch {
    return undefined
  }
}

function sizeOf(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found?.isFile()) throw failure(EXIT.failed, 'not_found', `There is no file ${plain(path)}.`)
  return found.size
}

const brokenAt = ({ line, message }: BrokenFile): Error =>
  failure(EXIT.failed, 'failed', `Line ${line}: ${message}`, 'nothing was imported')
