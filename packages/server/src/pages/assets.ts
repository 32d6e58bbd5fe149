/** The files that the pages are made of: a fixed list, read at first use and kept. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { NOT_FOUND, problem } from '../http/problem.js'
import { ICON, STYLE } from './style.js'

interface Asset {
  readonly type: string
  /** Where it lies below the folder of compiled files, or what it is. */
  readonly file?: string
  readonly text?: string
}

const SCRIPT = 'text/javascript; charset=utf-8'
const SHEET = 'text/css; charset=utf-8'

const assets: Readonly<Record<string, Asset>> = {
  'style.css': { type: SHEET, text: STYLE },
  'icon.svg': { type: 'image/svg+xml; charset=utf-8', text: ICON },
  'graphql.js': { type: SCRIPT, file: 'browser/graphql.js' },
  'caller.js': { type: SCRIPT, file: 'browser/caller.js' },
  'schema-docs.js': { type: SCRIPT, file: 'browser/schema-docs.js' },
  'reference.js': { type: SCRIPT, file: 'browser/reference.js' },
  'swagger-ui.css': { type: SHEET, file: 'assets/swagger-ui.css' },
  'swagger-ui-bundle.js': { type: SCRIPT, file: 'assets/swagger-ui-bundle.js' },
}

interface Ready {
  readonly body: Uint8Array<ArrayBuffer>
  readonly etag: string
}

/** Answers with an asset; browsers ask again each time and are told that nothing changed. */
export function createAssets(folder: URL): (name: string, knownTag: string | undefined) => Promise<Response> {
  const kept = new Map<string, Ready>()
  return async (name, knownTag) => {
    const asset = Object.hasOwn(assets, name) ? assets[name] : undefined
    if (!asset) return problem(NOT_FOUND)
    const ready = kept.get(name) ?? (await load(asset))
    kept.set(name, ready)
    const headers = { 'content-type': asset.type, 'cache-control': 'no-cache', etag: ready.etag }
    return knownTag === ready.etag
      ? new Response(null, { status: 304, headers })
      : new Response(ready.body, { headers })
  }

  async function load({ file, text = '' }: Asset): Promise<Ready> {
    const body = new Uint8Array(file === undefined ? Buffer.from(text) : await readFile(new URL(file, folder)))
    return { body, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` }
  }
}
