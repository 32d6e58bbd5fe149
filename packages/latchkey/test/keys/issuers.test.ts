/** Promises of the table of issuers. */
import { expect, test } from 'vitest'
import { generateKey } from '../../src/jwt/key.js'
import { type Issuer, selectIssuer } from '../../src/keys/issuers.js'
import { staticKeyring } from '../../src/keys/static.js'

const keys = staticKeyring(generateKey('EdDSA'))
const row = (id: string, iss: string | undefined): Issuer => ({ id, iss, keys, algorithms: ['EdDSA'] })
const rows = [
  row('self', 'https://api.example.com'),
  row('first', 'https://id.example.com'),
  row('nameless', undefined),
]

test.each([
  ['https://api.example.com', 'self'],
  ['https://id.example.com', 'first'],
  [undefined, 'nameless'],
])('iss %j selects the row %j', (iss, id) => {
  expect(selectIssuer(rows, iss)?.id).toBe(id)
})

test.each([
  'https://api.example.com/',
  'HTTPS://api.example.com',
  'https://api.example.co',
  '',
  null,
  ['https://api.example.com'],
  { toString: () => 'https://api.example.com' },
])('case 82: iss %j selects none', (iss) => {
  expect(selectIssuer(rows, iss)).toBeUndefined()
})
