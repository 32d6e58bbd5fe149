/** The way in and out, in the browser. */
'use client'
import { createClient } from 'latchkey/client'
import { useRouter } from 'next/navigation'
import { useMemo } from 'react'

export function SignIn({ isSignedIn }: { readonly isSignedIn: boolean }) {
  const api = useMemo(() => createClient('/auth'), [])
  const router = useRouter()

  const signIn = async (form: FormData) => {
    await api.login({ username: String(form.get('username')), password: String(form.get('password')) })
    router.refresh()
  }
  const signOut = async () => {
    await api.logout()
    router.refresh()
  }
  if (isSignedIn)
    return (
      <button type="button" onClick={signOut}>
        Sign out
      </button>
    )
  return (
    <form action={signIn}>
      <input name="username" autoComplete="username" aria-label="Name" />
      <input name="password" type="password" autoComplete="current-password" aria-label="Password" />
      <button type="submit">Sign in</button>
    </form>
  )
}
