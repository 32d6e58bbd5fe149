/** Short words for tests of the client: a world with a server and some tabs, each with a client. */
import { createClientIn } from '../../src/client/client.js'
import type { Client, ClientOptions } from '../../src/client/types.js'
import { createServer, type Fate, type Fault, type ServerOptions } from './server.js'
import { type Abilities, createWorld, type Tab } from './world.js'

export const PASSWORD = { username: 'ada', password: 'good' }

interface Scene extends ServerOptions {
  readonly tabs?: number
  readonly base?: string
  readonly url?: string
  readonly clock?: number
  readonly random?: () => number
  readonly abilities?: Abilities
  readonly options?: ClientOptions
}

/** Clients in as many tabs as wanted; nobody is signed in. */
export function open({ tabs = 1, base = '/auth', clock = 0, options, url, random, abilities, ...rest }: Scene = {}) {
  const server = createServer(rest)
  const world = createWorld({
    server,
    ...(url !== undefined && { url }),
    ...(random && { random }),
    ...(abilities && { abilities }),
  })
  const pages: Tab[] = []
  const clients: Client[] = []
  for (let i = 0; i < tabs; i++) openTab()
  const client = clients[0] as Client
  return { server, world, clients, client, pages, openTab, reload }

  function openTab(): Client {
    const page = world.openTab({ clock })
    const made = createClientIn(page.browser, base, options)
    pages.push(page)
    clients.push(made)
    return made
  }

  /** A page that was loaded anew; the one before it is gone. */
  function reload(): Client {
    for (const { channels } of pages) channels.length = 0
    return openTab()
  }
}

/** Clients of whom the first one has logged in, and the others have heard of it. */
export async function signedIn(scene: Scene = {}) {
  const all = open(scene)
  await all.world.run(all.client.login(PASSWORD))
  await all.world.pass(1)
  return all
}

/** A fault for the next so many requests to a path. */
export function faultAt(path: string, make: () => Fate, times = 1): Fault {
  let left = times
  return (request) => (new URL(request.url).pathname === path && left-- > 0 ? make() : undefined)
}
