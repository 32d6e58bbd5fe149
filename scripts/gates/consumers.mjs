/** The gate of the packed library in the hands of its users; see scripts/consumers.mjs. */
import { consume } from '../consumers.mjs'

export const fact = 'The packed library works from ESM, require(), TypeScript old and new, and under Jest in NestJS'
export const seconds = 60
export const check = () => consume()

export const plants = [
  {
    what: 'no CommonJS half',
    plant: ({ edit }) =>
      edit('packages/latchkey/package.json', '"default": "./dist/cjs/index.js"', '"default": "./dist/bundle/index.js"'),
    says: /Jest in a NestJS 11 application/,
  },
  {
    what: 'a dependency that is not declared',
    plant: ({ edit }) => edit('packages/latchkey/package.json', '    "@node-rs/argon2": "2.2.1",\n', ''),
    says: /@node-rs\/argon2/,
  },
]
