/** The hook where React renders without a page. */
import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, test } from 'vitest'
import { useAuth } from '../../src/client/react.js'
import { signedIn } from './kit.js'

test('on a server nobody is signed in, even where a client knows somebody', async () => {
  const { client } = await signedIn()
  const seen: unknown[] = []
  const Page = (): string => {
    seen.push(useAuth(client))
    return 'page'
  }
  expect(renderToString(createElement(Page))).toBe('page')
  expect(seen).toEqual([{ user: undefined, expiresAt: undefined, isSignedIn: false }])
})
