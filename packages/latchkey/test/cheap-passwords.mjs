/** Passwords that cost nothing to hash, in this process: whoever imports this before the first login gets thousands of them. A mock of the test runner would not do: asked by many at once, it hands out the original. */
import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'

const digest = (text) => createHash('sha256').update(text).digest('base64').replace('=', '')
const hash = async (password) => `$argon2id$v=19$m=19456,t=2,p=1$${'A'.repeat(22)}$${digest(password)}`
const verify = async (stored, password) => stored === (await hash(password))

// An import of this module copies what it exports at that moment.
Object.assign(createRequire(import.meta.url)('@node-rs/argon2'), { hash, verify })
