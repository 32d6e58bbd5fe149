/** Keys of one's own and tokens by them: what openssl makes is understood, what others may not read is not readable, nothing is overwritten. */
import { execFileSync, spawnSync } from 'node:child_process'
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { compactVerify, decodeJwt, decodeProtectedHeader, importJWK, importSPKI, jwtVerify } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { peers, programPath } from '../../../../scripts/services.mjs'
import { EXIT } from '../../src/cli/failure.js'
import { cliKit } from './cli-kit.js'

const PASSPHRASE = 'open sesame'

beforeAll(peers, 300_000)

function kit() {
  const { cli, folder } = cliKit()
  const line = (text: string, options?: Parameters<typeof cli>[1]) => cli(text.split(' '), options)
  const write = (name: string, text: string) => writeFileSync(`${folder}/${name}`, text)
  const read = (name: string) => readFileSync(`${folder}/${name}`, 'utf8')
  const openssl = (...words: string[]) =>
    execFileSync(programPath('openssl') ?? '', words, { cwd: folder, stdio: 'pipe' }).toString()
  return { cli, line, folder, write, read, openssl }
}

describe('keys generate', () => {
  test.each([
    ['rsa-2048', 'RS256'],
    ['p-256', 'ES256'],
    ['p-384', 'ES384'],
    ['p-521', 'ES512'],
    ['ed25519', 'EdDSA'],
  ])('%s makes a key for %s that only its owner reads, and prints the public one', async (type, alg) => {
    const { line, folder, read } = kit()
    const { exit, out, err } = await line(`keys generate --type ${type} --jwk`)
    expect([exit, err]).toEqual([EXIT.ok, `Wrote ${folder}/private.pem (readable by you only, not encrypted)\n`])
    expect(statSync(`${folder}/private.pem`).mode & 0o777).toBe(0o600)
    const [pem = '', jwk = ''] = out.split(/(?<=-----END PUBLIC KEY-----\n)/)
    expect(pem).toBe(createPublicKey(read('private.pem')).export({ type: 'spki', format: 'pem' }))
    expect(JSON.parse(jwk)).toMatchObject({ alg, use: 'sig', kid: expect.stringMatching(/^[\w-]{43}$/) })
    expect(Object.keys(JSON.parse(jwk))).not.toContain('d')
    const token = (await line('token issue --key private.pem --subject u-1')).out.trim()
    expect((await jwtVerify(token, await importJWK(JSON.parse(jwk), alg))).payload.sub).toBe('u-1')
  })

  test('encrypts by the passphrase of a file, writes the public key where it was told, and overwrites neither', async () => {
    const { line, write, read } = kit()
    write('passphrase', `${PASSPHRASE}\n`)
    const words = 'keys generate own.pem --type p-256 --public own.pub --passphrase-file passphrase'
    const made = await line(`${words} --json`)
    expect(made.value).toMatchObject({ encrypted: true, publicKey: expect.stringMatching(/own\.pub$/) })
    expect(read('own.pem')).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----/)
    expect(createPrivateKey({ key: read('own.pem'), passphrase: PASSPHRASE }).asymmetricKeyType).toBe('ec')
    const before = [read('own.pem'), read('own.pub')]
    expect(await line(words)).toMatchObject({ exit: EXIT.failed, err: expect.stringContaining('exists already') })
    expect([read('own.pem'), read('own.pub')]).toEqual(before)
  })

  test('refuses what it cannot make', async () => {
    const { line } = kit()
    expect(await line('keys generate --type rsa-1024')).toMatchObject({ exit: EXIT.usage })
    expect(await line('keys generate --algorithm none')).toMatchObject({ exit: EXIT.usage })
    expect(await line('keys generate --type p-256 --algorithm RS256')).toMatchObject({ exit: EXIT.failed })
    expect(await line('keys generate nowhere/private.pem --type p-256')).toMatchObject({ exit: EXIT.failed })
    expect((await line('keys generate --passphrase-file nothing --type p-256')).err).toMatch(/cannot be read/)
  })
})

describe('token issue --key', () => {
  test('signs as the script of the seed does: claims, `exp` in an hour, `iat`, a header of two members', async () => {
    const { line, openssl } = kit()
    openssl('genrsa', '-out', 'private.pem', '2048')
    const now = 1_795_313_529
    const words = 'token issue --key private.pem --algorithm RS512 --claim username=hello'
    const { exit, out, err } = await line(words, { now: () => now })
    expect([exit, err]).toEqual([EXIT.ok, 'expires 2026-11-22 03:12:09Z\n'])
    expect(decodeProtectedHeader(out.trim())).toEqual({ alg: 'RS512', typ: 'JWT' })
    expect(decodeJwt(out.trim())).toEqual({ username: 'hello', exp: now + 3_600, iat: now })
    await compactVerify(out.trim(), await importSPKI(openssl('rsa', '-in', 'private.pem', '-pubout'), 'RS512'))
  })

  test('says what it is told, of every type', async () => {
    const { cli, line } = kit()
    await line('keys generate --type ed25519')
    const words = ['token', 'issue', '--key', 'private.pem', '--issuer', 'https://i.example', '--audience', 'a']
    const more = ['--subject', 's', '--kid', 'k1', '--typ', 'at+jwt', '--expires', '15m', '--json']
    const claims = ['--claim', 'n:=5', 'roles:=["a"]', '--claim', 'text=x=y', 'a:b=c', 'exp:=7']
    const { value } = await cli([...words, ...more, ...claims], { now: () => 1_000 })
    const { token } = value as { token: string }
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'EdDSA', kid: 'k1', typ: 'at+jwt' })
    const said = { iss: 'https://i.example', sub: 's', aud: 'a', n: 5, roles: ['a'], text: 'x=y', 'a:b': 'c' }
    expect(decodeJwt(token)).toEqual({ ...said, exp: 7, iat: 1_000 })
  })

  test.each([
    ['PKCS#8', []],
    ['PKCS#1 (Proc-Type: 4,ENCRYPTED)', ['-traditional']],
  ])('opens a key that openssl encrypted as %s, by its passphrase alone', async (_form, how) => {
    const { line, write, openssl, read } = kit()
    openssl('genrsa', '-aes256', ...how, '-passout', `pass:${PASSPHRASE}`, '-out', 'private.pem', '2048')
    expect(read('private.pem')).toMatch(how.length > 0 ? /Proc-Type: 4,ENCRYPTED/ : /BEGIN ENCRYPTED PRIVATE KEY/)
    write('passphrase', PASSPHRASE)
    const good = await line('token issue --key private.pem --passphrase-file passphrase')
    expect(good).toMatchObject({ exit: EXIT.ok, out: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+\n$/) })
    const nobody = await line('token issue --key private.pem')
    expect([nobody.exit, nobody.out]).toEqual([EXIT.usage, ''])
    expect(nobody.err).toMatch(
      /^latchkey: The key is encrypted, and there is nobody to ask .*\n +name it by --passphrase/,
    )
    write('passphrase', 'something else')
    const wrong = await line('token issue --key private.pem --passphrase-file passphrase --json')
    expect([wrong.exit, wrong.value]).toMatchObject([EXIT.failed, { error: { code: 'key_unusable' } }])
    expect(wrong.out + wrong.err).not.toContain('something else')
  })

  test('signs by a shared secret where it is told to, and not by accident', async () => {
    const { line, write } = kit()
    write('secret', 'a shared secret of thirty-two bytes or more\n')
    const { out } = await line('token issue --key secret --algorithm HS256 --subject u-1')
    const secret = new TextEncoder().encode('a shared secret of thirty-two bytes or more')
    expect((await jwtVerify(out.trim(), secret)).payload.sub).toBe('u-1')
    expect(await line('token issue --key secret')).toMatchObject({ exit: EXIT.failed, out: '' })
    write('secret', 'short')
    expect(await line('token issue --key secret --algorithm HS256')).toMatchObject({ exit: EXIT.failed, out: '' })
  })

  test('refuses keys that are weak, public or not there, and words that mean nothing', async () => {
    const { line, openssl } = kit()
    openssl('genrsa', '-out', 'weak.pem', '1024')
    openssl('genrsa', '-out', 'private.pem', '2048')
    openssl('rsa', '-in', 'private.pem', '-pubout', '-out', 'public.pem')
    const rows: [string, number][] = [
      ['--key weak.pem', EXIT.failed],
      ['--key public.pem', EXIT.failed],
      ['--key nothing.pem', EXIT.failed],
      ['--key private.pem --algorithm ES256', EXIT.failed],
      ['--key private.pem --algorithm none', EXIT.usage],
      ['--key private.pem --claim username', EXIT.usage],
      ['--key private.pem --claim n:=x', EXIT.usage],
      ['--key private.pem --expires soon', EXIT.usage],
      ['--key private.pem --user alice', EXIT.usage],
      ['', EXIT.usage],
    ]
    for (const [words, exit] of rows) {
      const ended = await line(`token issue ${words}`.trim())
      expect([words, ended.exit, ended.out]).toEqual([words, exit, ''])
    }
  })
})

/** Types into the terminal of a command, as a person at one does. The python3 that comes with PyJWT has a terminal to give. */
const TYPIST = `
import fcntl, os, pty, select, struct, sys, termios, time
answers = sys.argv[1].split('|')
child, terminal = pty.fork()
if child == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', 40, 200, 0, 0))
seen, end = b'', time.time() + 20
while time.time() < end:
    ready, _, _ = select.select([terminal], [], [], 0.3)
    if ready:
        try:
            data = os.read(terminal, 65536)
        except OSError:
            break
        if not data:
            break
        seen += data
    elif answers and seen.count(b'assphrase') + seen.count(b'same again') > 0:
        os.write(terminal, answers.pop(0).encode() + b'\\r')
        time.sleep(0.2)
sys.stdout.write(seen.decode(errors='replace'))
if time.time() >= end:
    os.kill(child, 9)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
`

test('at a terminal the passphrase is asked for, and never shown', () => {
  const { folder, read } = kit()
  const typed = (answers: string, ...words: string[]) => {
    const bin = fileURLToPath(new URL('../../dist/bin.js', import.meta.url))
    const python = ['-c', TYPIST, answers, process.execPath, bin, ...words]
    const { status, stdout } = spawnSync('/usr/bin/python3', python, { cwd: folder, encoding: 'utf8' })
    expect(stdout).not.toContain(PASSPHRASE)
    return { status, stdout }
  }
  const made = typed(`${PASSPHRASE}|${PASSPHRASE}`, 'keys', 'generate', '--type', 'p-256')
  expect(made).toMatchObject({ status: EXIT.ok, stdout: expect.stringContaining('BEGIN PUBLIC KEY') })
  expect(createPrivateKey({ key: read('private.pem'), passphrase: PASSPHRASE }).asymmetricKeyType).toBe('ec')
  const issued = typed(PASSPHRASE, 'token', 'issue', '--key', 'private.pem', '--subject', 'u-1')
  expect(issued).toMatchObject({ status: EXIT.ok, stdout: expect.stringMatching(/[\w-]+\.[\w-]+\.[\w-]+\r?\n/) })
  const differ = typed('one|other', 'keys', 'generate', 'second.pem', '--type', 'p-256')
  expect(differ).toMatchObject({ status: EXIT.failed, stdout: expect.stringContaining('The two passphrases differ') })
})
