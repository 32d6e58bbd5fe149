/** `POST /auth/refresh`, and the least that it can cost: bare node:http that reads a body and makes one ES256 signature. */
import { createPrivateKey, sign } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAuth } from 'latchkey'
import { mount } from 'latchkey/node'
import { issuer, makeClaims, makeKeys } from '../lib/tokens.mjs'

const PEOPLE = 8
const SESSIONS = 64

export function bare() {
  const key = createPrivateKey(makeKeys('ES256').privateKey)
  const header = encoded({ alg: 'ES256', typ: 'at+jwt' })
  const server = createServer((request, response) => {
    const chunks = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      const { refresh_token } = JSON.parse(Buffer.concat(chunks).toString())
      const input = `${header}.${encoded(makeClaims())}`
      const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ access_token: `${input}.${signature.toString('base64url')}`, refresh_token }))
    })
  })
  return {
    server,
    path: '/',
    tokens: Array.from({ length: PEOPLE * SESSIONS }, (_, n) => `token-${n}`.padEnd(70, '-')),
  }
}

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** With a database in PostgreSQL, or else in a SQLite file. */
export async function latchkey({ url }) {
  const auth = createAuth({
    issuer,
    database: url ?? `sqlite:${join(ownFolder(), 'auth.db')}`,
    secret: 'a-secret-of-the-benchmarks-0123456789-abcdefghijkl',
  })
  const tokens = []
  for (let person = 0; person < PEOPLE; person++) {
    const user = await auth.users.create({ username: `user${person}`, password: 'correct horse battery' })
    for (let n = 0; n < SESSIONS; n++) tokens.push((await auth.tokens.issue(user)).refresh)
  }
  const endpoints = mount(auth)
  return {
    server: createServer((request, response) => void endpoints(request, response)),
    path: '/auth/refresh',
    tokens,
  }
}

function ownFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}
