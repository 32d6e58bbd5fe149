/** The gate of the packed library in the hands of its users; see scripts/consumers.mjs. */
import { consume } from '../consumers.mjs'

export const fact =
  'The packed library works from ESM, require(), TypeScript old and new, under Jest in NestJS, and as the guide has it'
export const seconds = 60
export const check = () => consume()

export const plants = [
  {
    what: 'a program of the guide without the endpoints',
    plant: ({ edit }) => edit('docs/guides/frameworks.md', 'app.register(mount(auth))\n', ''),
    says: /The guide of frameworks to the letter/,
  },
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
