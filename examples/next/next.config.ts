/** Latchkey stays a package: what it needs of Node is found where npm put it. */
import type { NextConfig } from 'next'

const config: NextConfig = {
  serverExternalPackages: ['latchkey'],
  poweredByHeader: false,
  turbopack: { root: import.meta.dirname },
}
export default config
