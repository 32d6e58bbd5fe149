/** The doors of the library, read from the one place that lists them: `exports` of packages/latchkey/package.json. */
import { readFileSync } from 'node:fs'
import { root } from './run.mjs'

const manifest = JSON.parse(readFileSync(`${root}packages/latchkey/package.json`, 'utf8'))

/** Each door: how it is imported, its path below a build's folder without ending, and its source file. */
export const doors = Object.entries(manifest.exports)
  .filter(([name]) => name !== './package.json')
  .map(([name, target]) => {
    const path = target.import.default.replace(/^\.\/dist\/bundle\/|\.js$/g, '')
    return { specifier: `latchkey${name.slice(1)}`, path, source: `packages/latchkey/src/${path}.ts` }
  })

/** What `exports`, `typesVersions` and the `paths` of tsconfig.test.json have to be, given the doors. */
export function derived() {
  const entry = (kind, path, code = kind) => ({
    types: `./dist/${kind}/${path}.d.ts`,
    default: `./dist/${code}/${path}.js`,
  })
  const inner = doors.filter(({ specifier }) => specifier !== 'latchkey')
  return {
    exports: Object.fromEntries([
      ...doors.map(({ specifier, path }) => [
        `.${specifier.slice('latchkey'.length)}`,
        { import: entry('esm', path, 'bundle'), require: entry('cjs', path) },
      ]),
      ['./package.json', './package.json'],
    ]),
    typesVersions: {
      '*': Object.fromEntries(
        inner.map((door) => [door.specifier.slice('latchkey/'.length), [`./dist/cjs/${door.path}.d.ts`]]),
      ),
    },
    paths: Object.fromEntries(doors.map(({ specifier, source }) => [specifier, [`./${source}`]])),
  }
}
