/** `latchkey init`: a commented configuration file and a server secret, for production. Overwrites nothing. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { EXIT, failure } from '../cli/failure.js'
import type { Answer, Task } from '../cli/task.js'
import { FILE } from '../config/file.js'
import { makeSecretFile } from '../config/secret.js'
import { rows, type Setting, settingNames, variableOf } from '../config/settings.js'

const SECRET = 'latchkey.secret'

/** What stands in the file; the others stand in it as comments, with their defaults. */
const chosen: Partial<Record<Setting, unknown>> = {
  issuer: 'https://auth.example.com',
  database: 'sqlite:latchkey.db',
  secretFile: SECRET,
}

const defaults: Partial<Record<Setting, unknown>> = {
  port: 4180,
  host: '127.0.0.1',
  trustProxy: 0,
  audience: ['https://api.example.com'],
  algorithm: 'ES256',
  accessLifetime: '5m',
  refreshLifetime: '30d',
  idleLifetime: '14d',
  grace: '10s',
  refresh: 'rotating',
  sessionLimit: 100,
  register: false,
  issuers: [{ id: 'company', issuer: 'https://login.example.com', audience: 'https://api.example.com' }],
  logLevel: 'info',
}

export async function init({ args, options, io }: Task<{ readonly issuer?: string }>): Promise<Answer> {
  const folder = resolve(io.cwd, args[0] ?? '.')
  const config = resolve(folder, FILE)
  const secretFile = resolve(folder, SECRET)
  for (const path of [config, secretFile]) {
    if (existsSync(path)) throw failure(EXIT.failed, 'conflict', `${path} exists already.`, 'nothing was written')
  }
  mkdirSync(folder, { recursive: true })
  makeSecretFile(secretFile)
  writeFileSync(config, configText(options.issuer), { flag: 'wx' })
  const first = options.issuer === undefined ? 'Set your issuer in the first file, then' : 'Now'
  return {
    value: { config, secretFile },
    text: `Wrote ${config}\nWrote ${secretFile} (readable by you only; keep a copy, nothing can be opened without it)\n${first}: latchkey serve\n`,
  }
}

/** The file as people read it: every setting with what it is for, the usual ones switched on. */
export function configText(issuer: string | undefined): string {
  const values = { ...chosen, ...(issuer !== undefined && { issuer }) }
  const lines = settingNames
    .filter((name) => name in values || name in defaults)
    .map((name) => {
      const isSet = name in values
      const value = JSON.stringify(isSet ? values[name] : defaults[name])
      return `  // ${rows[name].about} (${variableOf(name)})\n  ${isSet ? '' : '// '}"${name}": ${value},`
    })
  return `// The settings of Latchkey. The environment overrules this file, and flags overrule both.\n{\n${lines.join('\n\n')}

  // ${rows['requireAuthentication.rest'].about}; and the same for GraphQL
  // "requireAuthentication": { "rest": false, "graphql": false },
}
`
}
