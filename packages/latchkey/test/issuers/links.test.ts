/** Linking: a user becomes somebody at another issuer because somebody said so, never because a token did (case 209). */
import { describe, expect, test } from 'vitest'
import { PASSWORD } from '../auth-kit.js'
import { mint, row, START, trusting } from './kit.js'

async function linked() {
  const kit = trusting([row()])
  const alice = await kit.auth.users.create({ username: 'alice', password: PASSWORD })
  const { identities } = kit.auth
  if (!identities) throw new Error('our own table has identities')
  return { ...kit, alice, identities, name: { issuer: 'company', subject: 'u-1' } }
}

describe('an identity', () => {
  test('that is linked stands for the user from then on', async () => {
    const { whoIs, alice, identities, name } = await linked()
    await identities.link(alice.id, name)
    expect((await whoIs(await mint())).context?.userId).toBe(alice.id)
    expect(await identities.list(alice.id)).toEqual([
      { row: 'company', subject: 'u-1', userId: alice.id, createdAt: START },
    ])
  })

  test('is found by its name, also after its user was deleted', async () => {
    const { whoIs, auth, alice, identities, name } = await linked()
    expect(await identities.find(name)).toBeUndefined()
    await identities.link(alice.id, name)
    expect(await identities.find(name)).toMatchObject({ userId: alice.id })
    const other = (await whoIs(await mint({ sub: 'u-2' }))).context?.userId as string
    await auth.users.remove(other)
    expect(await identities.find({ ...name, subject: 'u-2' })).toMatchObject({ userId: null })
    await expect(identities.find({ ...name, subject: '' })).rejects.toMatchObject({ code: 'request_invalid' })
  })

  test('that is unlinked stands for somebody else at the next request, though it was known', async () => {
    const { whoIs, alice, identities, name } = await linked()
    await identities.link(alice.id, name)
    const token = await mint()
    await whoIs(token)
    await identities.unlink(alice.id, name)
    const { context } = await whoIs(token)
    expect(context?.userId).toBeDefined()
    expect(context?.userId).not.toBe(alice.id)
  })

  test('of somebody is not given to another, nor that of one who was deleted', async () => {
    const { whoIs, auth, alice, identities, name } = await linked()
    const other = (await whoIs(await mint())).context?.userId as string
    await expect(identities.link(alice.id, name)).rejects.toMatchObject({ code: 'conflict' })
    await expect(identities.unlink(alice.id, name)).rejects.toMatchObject({ code: 'not_found' })
    await auth.users.remove(other)
    await expect(identities.link(alice.id, name)).rejects.toMatchObject({ code: 'conflict' })
  })

  test('goes to nobody who does not exist, and has a name', async () => {
    const { alice, identities, name } = await linked()
    await expect(identities.link('nobody', name)).rejects.toMatchObject({ code: 'not_found' })
    for (const subject of ['', 5, null, 'a\0b', 'x'.repeat(256)])
      await expect(identities.link(alice.id, { ...name, subject: subject as string })).rejects.toMatchObject({
        code: 'request_invalid',
      })
  })
})
