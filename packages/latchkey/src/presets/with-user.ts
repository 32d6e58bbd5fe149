/** The link of systems that load the user with every request, and refuse those who are gone or inactive before any guard is asked. */
import type { Link } from '../guard/authenticator.js'
import { jwt } from '../guard/jwt.js'
import type { User } from '../stores/port.js'

export function withUser<U extends User>(): Link<U> {
  return (tools) => {
    const tokens = jwt<U>()(tools)
    return {
      async authenticate(head, peer) {
        const context = await tokens.authenticate(head, peer)
        await context?.user()
        return context
      },
    }
  }
}
