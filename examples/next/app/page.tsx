/** A server component that knows who calls: the same cookies, looked at while it is rendered. */
import { authenticate } from 'latchkey/next'
import { headers } from 'next/headers'
import { auth } from '../auth'
import { SignIn } from './sign-in'

const whoCalls = authenticate(auth, headers)

export default async function Page() {
  const caller = await whoCalls()
  const user = await caller?.user()
  return (
    <main>
      <h1>Notes</h1>
      <p>
        You are <b id="caller">{user?.username ?? 'nobody'}</b>, by the token{' '}
        <code id="token">{String(caller?.claims.jti ?? 'none')}</code>.
      </p>
      <SignIn isSignedIn={user !== undefined} />
    </main>
  )
}
