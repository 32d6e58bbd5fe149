/** The same in a real browser: a form, a reload after the token is over, and a button. */
import assert from 'node:assert/strict'
import { chromium } from 'playwright-core'
import { programPath } from '../../../scripts/services.mjs'
import { claimsOf } from './jar.mjs'

/** Signs alice in, lets her token expire, and signs her out. `base` is an address of this machine. */
export async function walkInBrowser(base) {
  const executablePath = programPath('chromium-headless-shell')
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost',
  ]
  const browser = await chromium.launch({ executablePath, args })
  try {
    const context = await browser.newContext()
    const page = await context.newPage()
    const errors = []
    page.on('pageerror', (error) => errors.push(error.message))
    const shown = (id) => page.locator(id).textContent()
    const kept = async () => (await context.cookies()).find(({ name }) => name.endsWith('access_token'))?.value

    await page.goto(base)
    await page.locator('#caller', { hasText: 'nobody' }).waitFor()
    await page.getByLabel('Name').fill('alice')
    await page.getByLabel('Password').fill('password')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.locator('#caller', { hasText: 'alice' }).waitFor()
    const first = claimsOf(await kept())
    assert.equal(await shown('#token'), first.jti)

    await page.waitForTimeout(Math.max(0, first.exp * 1000 - Date.now()) + 50)
    await page.reload()
    assert.equal(await shown('#caller'), 'alice')
    assert.notEqual(await shown('#token'), first.jti)
    assert.equal(await shown('#token'), claimsOf(await kept()).jti)

    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.locator('#caller', { hasText: 'nobody' }).waitFor()
    assert.equal(await kept(), undefined)
    assert.deepEqual(errors, [])
  } finally {
    await browser.close()
  }
}
