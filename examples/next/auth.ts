/** The auth of the application. Next loads this module several times, for pages, routes and the proxy: they meet in the database. */
import { createAuth, oneCookie } from 'latchkey'

export const auth = createAuth({
  issuer: process.env.ORIGIN ?? 'http://localhost:8000',
  database: process.env.DATABASE ?? 'sqlite:next.db',
  secret: process.env.LATCHKEY_SECRET ?? '',
  transports: [oneCookie()],
  silentRefresh: true,
  accessLifetime: process.env.ACCESS_LIFETIME ?? '5m',
  // For http://localhost, where browsers keep cookies that are not `Secure`.
  development: true,
})
