/** The description of the endpoints is valid OpenAPI, and leaves none of them out. */
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, expect, test } from 'vitest'
import { signedIn } from '../auth-kit.js'

const kit = await signedIn({ register: true })
afterAll(() => kit.auth.close())

test('the description is valid OpenAPI 3.1', async () => {
  const { body } = await kit.call('GET', '/auth/openapi.json')
  const { valid, errors } = await new Validator().validate(body)
  expect(errors).toBeUndefined()
  expect(valid).toBe(true)
  expect(body.openapi).toBe('3.1.0')
})

test('every operation that it names answers, and refuses as it says', async () => {
  const { body } = await kit.call('GET', '/auth/openapi.json')
  for (const [path, operations] of Object.entries(
    body.paths as Record<string, Record<string, { responses: object }>>,
  )) {
    for (const [method, { responses }] of Object.entries(operations)) {
      const url = path.replace(/\{\w+\}/g, 'nothing')
      const anonymous = await kit.call(method.toUpperCase(), url)
      expect(Object.keys(responses), `${method} ${path}`).toContain(String(anonymous.status))
    }
  }
})
