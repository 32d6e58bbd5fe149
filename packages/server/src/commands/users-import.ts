/** `latchkey users import django`: users, groups, permissions and ended tokens of a Django project, from its database or a dump of it. */
import { resolve } from 'node:path'
import { bar } from '../cli/bar.js'
import { EXIT, failure, usage } from '../cli/failure.js'
import { plain } from '../cli/table.js'
import { type Answer, type Task, withAuth } from '../cli/task.js'
import { PERMISSION_FORMS, type PermissionForm } from '../import/names.js'
import { runImport, type Tally } from '../import/run.js'
import type { Complain, Source, SourceNames } from '../import/source.js'

interface ImportOptions {
  readonly from: string
  readonly dryRun?: boolean
  readonly strict?: boolean
  readonly userModel: string
  readonly userTable?: string
  readonly usernameField: string
  readonly emailField: string
  readonly idField?: string
  readonly permissions: string
}

interface Refused {
  readonly place: string
  readonly reason: string
}

/** Complaints that are told; the others are counted. */
const TOLD = 1_000

export async function importUsers(task: Task<ImportOptions>): Promise<Answer> {
  const [system] = task.args
  const { dryRun = false, strict = false, permissions: form } = task.options
  if (system !== 'django') throw usage('Users are imported from django.')
  if (!isForm(form)) throw usage(`--permissions is one of ${PERMISSION_FORMS.join(', ')}.`)
  // Looked at before a large file is read for nothing.
  task.config()
  const refused: Refused[] = []
  let complaints = 0
  const complain: Complain = (where, reason) => {
    const place = plain(where).slice(0, 120)
    if (strict)
      throw failure(EXIT.failed, 'request_invalid', `${place}: ${reason}.`, 'what was written before it stays')
    complaints += 1
    if (refused.length < TOLD) refused.push({ place, reason })
  }
  const source = await openSource(task, complain)
  try {
    const tally = await withAuth(task, (auth) => watched(task, { auth, source, form, dryRun, complain }))
    for (const { place, reason } of task.json ? [] : refused) task.io.err(`${place}: ${reason}\n`)
    if (complaints > refused.length && !task.json) task.io.err(`... and ${complaints - refused.length} more\n`)
    return { value: { dryRun, ...tally, complaints, refused }, text: summary(tally, dryRun) }
  } finally {
    await source.close()
  }
}

type Parts = Omit<Parameters<typeof runImport>[0], 'clock' | 'told'>

async function watched(task: Task<ImportOptions>, parts: Parts): Promise<Tally> {
  const drawn = await bar(task.io, task.json, 'Importing', parts.source.size)
  const told = ({ users }: Tally): void =>
    drawn.at(parts.source.done(), `Importing: ${number(users.created + users.known + users.refused)} users`)
  try {
    const tally = await runImport({ ...parts, clock: task.io.clock, told })
    drawn.done(parts.dryRun ? 'Nothing was written' : 'Imported')
    return tally
  } catch (error) {
    drawn.failed('The import ended early')
    throw error
  }
}

async function openSource({ options, io }: Task<ImportOptions>, complain: Complain): Promise<Source> {
  const { from } = options
  const names: SourceNames = {
    userModel: options.userModel,
    userTable: options.userTable,
    usernameField: options.usernameField,
    emailField: options.emailField,
    idField: options.idField,
  }
  if (!/^postgres(ql)?:/.test(from) && !from.startsWith('sqlite:')) {
    return (await import('../import/dump.js')).openDump(resolve(io.cwd, from), names, complain)
  }
  const connection = from.startsWith('sqlite:')
    ? await (await import('../import/sqlite.js')).openSqlite(resolve(io.cwd, from.slice('sqlite:'.length)))
    : await (await import('../import/postgres.js')).openPostgres(from)
  try {
    return await (await import('../import/tables.js')).openTables(connection, names, complain)
  } catch (error) {
    await connection.close()
    throw error
  }
}

function summary({ users, groups, tokens }: Tally, dryRun: boolean): string {
  const did = dryRun ? 'Would import' : 'Imported'
  const rest = `${number(users.known)} were here already, ${number(users.refused)} were not taken`
  return `${did} ${number(users.created)} users (${rest}), ${number(groups.created)} groups and ${number(tokens.blacklisted)} ended tokens.\n`
}

const isForm = (value: string): value is PermissionForm => PERMISSION_FORMS.some((one) => one === value)

const number = (value: number): string => value.toLocaleString('en')
