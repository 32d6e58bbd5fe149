/** Hashes as Django stores them: read and bounded before any work is done for them, and verified off the event loop. */
import { pbkdf2, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { equalBytes, sha256 } from '../util/bytes.js'

/** What a kind of hash costs, without anybody's salt or digest. */
export interface Work {
  readonly kind: string
  /** More is slower; comparable within a kind. */
  readonly cost: number
  /** Does the work, and answers nothing; `spent` has been done already. */
  burn(password: string, spent: number): Promise<unknown>
}

export interface ForeignHash {
  readonly work: Work
  verify(password: string): Promise<boolean>
}

type Reader = (rest: string) => ForeignHash | undefined

const derive = { pbkdf2: promisify(pbkdf2), scrypt: promisify<string, string, number, object, Buffer>(scrypt) }

// Two to three times what the newest Django asks for, so that every honest hash is verified, and none takes seconds.
const most = { iterations: 2_500_000, scryptBytes: 134_217_728, scryptWork: 2_097_152, bcryptRounds: 14 }
const longest = 512

const readers: Readonly<Record<string, Reader>> = {
  pbkdf2_sha256: pbkdf2Reader('sha256', 32),
  pbkdf2_sha1: pbkdf2Reader('sha1', 20),
  scrypt: readScrypt,
  // As typed, of which bcrypt reads 72 bytes.
  bcrypt: bcryptReader((password) => password),
  bcrypt_sha256: bcryptReader((password) => sha256(password).toString('hex')),
}

/** `undefined` for what is no such hash, or demands more than is safe to run. */
export function readForeign(stored: string): ForeignHash | undefined {
  if (stored.length > longest) return undefined
  const [name = ''] = stored.split('$', 1)
  return Object.hasOwn(readers, name) ? readers[name]?.(stored.slice(name.length + 1)) : undefined
}

function pbkdf2Reader(hash: 'sha256' | 'sha1', bytes: number): Reader {
  return (rest) => {
    const [, count, salt = '', sum = ''] = /^([1-9]\d{0,6})\$([^$\p{C}]{1,128})\$([\w+/=-]{1,88})$/u.exec(rest) ?? []
    const iterations = Number(count)
    const digest = digestOf(sum, bytes)
    if (!(iterations <= most.iterations) || !digest) return undefined
    const run = (password: string, salted: string, times: number): Promise<Buffer> =>
      derive.pbkdf2(password, salted, times, bytes, hash)
    return {
      work: {
        kind: `pbkdf2_${hash}`,
        cost: iterations,
        burn: async (password, spent) => spent < iterations && (await run(password, 'salt', iterations - spent)),
      },
      verify: async (password) => equalBytes(await run(password, salt, iterations), digest),
    }
  }
}

function readScrypt(rest: string): ForeignHash | undefined {
  const shape = /^([1-9]\d{0,6})\$([^$\p{C}]{1,128})\$([1-9]\d?)\$([1-9]\d?)\$([\w+/=-]{1,88})$/u
  const [, n, salt = '', r, p, sum = ''] = shape.exec(rest) ?? []
  const [N, blocks, lanes] = [Number(n), Number(r), Number(p)]
  const digest = digestOf(sum, 64)
  const memory = 128 * N * blocks
  const cost = N * blocks * lanes
  // Also refuses NaN, where the shape does not fit.
  if (!digest || !(N > 1 && (N & (N - 1)) === 0 && memory <= most.scryptBytes && cost <= most.scryptWork))
    return undefined
  // Node counts the lanes, too.
  const options = { N, r: blocks, p: lanes, maxmem: memory + 128 * blocks * lanes + 1_048_576 }
  const run = (password: string, salted: string): Promise<Buffer> => derive.scrypt(password, salted, 64, options)
  return {
    work: { kind: 'scrypt', cost, burn: async (password, spent) => spent < cost && (await run(password, 'salt')) },
    verify: async (password) => equalBytes(await run(password, salt), digest),
  }
}

function bcryptReader(prepare: (password: string) => string): Reader {
  return (rest) => {
    const [hash, count] = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(rest) ?? []
    const rounds = Number(count)
    if (!hash || !(rounds >= 4 && rounds <= most.bcryptRounds)) return undefined
    const run = async (password: string, against: string): Promise<boolean> => {
      const bcrypt = await import('@node-rs/bcrypt')
      const right = await bcrypt.verify(prepare(password), against)
      // To bcrypt `x` and `x`, NUL, `x` are one password.
      return right && !password.includes('\0')
    }
    const nobody = `$2b$${count}$${'.'.repeat(53)}`
    return {
      work: {
        kind: 'bcrypt',
        cost: 2 ** rounds,
        burn: async (password, spent) => spent < 2 ** rounds && (await run(password, nobody)),
      },
      verify: (password) => run(password, hash),
    }
  }
}

/** Standard base64 in its one spelling, and of the one length. */
function digestOf(text: string, bytes: number): Buffer | undefined {
  const digest = Buffer.from(text, 'base64')
  return digest.length === bytes && digest.toString('base64') === text ? digest : undefined
}
