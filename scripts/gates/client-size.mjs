/** The gate of what a page loads: the client for browsers is small, alone and of no newer language than it says. */
import { createRequire } from 'node:module'
import { brotliCompressSync } from 'node:zlib'
import { doors } from '../lib/doors.mjs'
import { root } from '../lib/run.mjs'

/** Bytes by brotli, bundled and minified, with React left out. */
const limits = { 'latchkey/client': 4_000, 'latchkey/client/react': 400, 'latchkey/client/graphql': 1_600 }

export const fact = `The client for browsers is at most ${limits['latchkey/client'] / 1000} kB, and imports nothing`
export const seconds = 1

export async function check() {
  const found = doors.filter(({ specifier }) => specifier.startsWith('latchkey/client'))
  const unknown = Object.keys(limits).filter((name) => !found.some(({ specifier }) => specifier === name))
  if (unknown.length > 0 || found.length !== Object.keys(limits).length) return ['the doors of the client changed']
  return (await Promise.all(found.map(problemsOf))).flat()
}

async function problemsOf({ specifier, source }) {
  const { build } = createRequire(`${root}packages/server/package.json`)('esbuild')
  const { outputFiles, metafile, errors } = await build({
    entryPoints: [root + source],
    bundle: true,
    minify: true,
    write: false,
    absWorkingDir: root,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    external: ['react'],
    logLevel: 'silent',
  }).catch(({ errors }) => ({ errors }))
  if (errors.length > 0) return errors.map(({ text }) => `${specifier}: ${text}`)
  const size = brotliCompressSync(outputFiles[0].contents).length
  const limit = limits[specifier]
  const inside = Object.keys(metafile.inputs).filter((path) => !path.startsWith('packages/latchkey/src/client/'))
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path))
  const wanted = specifier === 'latchkey/client' ? [] : ['react']
  return [
    ...(size > limit ? [`${specifier} is ${size} bytes by brotli, and may be ${limit}`] : []),
    ...inside.map((path) => `${specifier} brings ${path} along`),
    ...imports.filter((path) => !wanted.includes(path)).map((path) => `${specifier} imports ${path}`),
  ]
}

export const plants = [
  {
    what: 'two kilobytes that nobody needs',
    plant: ({ append }) => {
      const noise = Array.from({ length: 250 }, (_, i) => Math.imul(i + 1, 2_654_435_761) >>> 0)
      append(
        'packages/latchkey/src/client/claims.ts',
        `\nconsole.log('${noise.map((n) => n.toString(36)).join('')}')\n`,
      )
    },
    says: /latchkey\/client is \d+ bytes by brotli/,
  },
  {
    what: 'a module of Node',
    plant: ({ prepend }) =>
      prepend('packages/latchkey/src/client/claims.ts', "import { format } from 'node:util'\nconsole.log(format)\n"),
    says: /latchkey\/client: Could not resolve "node:util"/,
  },
  {
    what: 'code of the server',
    plant: ({ prepend }) =>
      prepend(
        'packages/latchkey/src/client/claims.ts',
        "import { seconds } from '../util/time.js'\nconsole.log(seconds)\n",
      ),
    says: /latchkey\/client brings packages\/latchkey\/src\/util\/time\.ts along/,
  },
]
