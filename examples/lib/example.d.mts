/** The types of example.mjs, which is plain JavaScript so that no example has to build it. */
import type { RequestListener, Server } from 'node:http'
import type { Certificate } from './certificate.mjs'

export interface Person {
  readonly username: string
  readonly email: string
  readonly password: string
  readonly active?: boolean
  readonly admin?: boolean
  readonly permissions?: readonly string[]
}

export interface Arguments {
  readonly port: number
  readonly host: string
  readonly database: string
  readonly secret: string
}

export const people: readonly Person[]
export function readArguments<
  const More extends Readonly<Record<string, { readonly type: 'string' | 'boolean' }>> = object,
>(
  args?: string[],
  more?: More,
): Arguments & { readonly [name in keyof More]: (More[name]['type'] extends 'string' ? string : boolean) | undefined }
export function seed(auth: {
  readonly users: {
    byId(id: string): Promise<object | undefined>
    create(account: Person & { readonly id: string }): Promise<object>
    disable(id: string): Promise<void>
  }
}): Promise<void>
export function listen(
  handler: RequestListener,
  where: { port: number; host: string; tls?: Certificate | undefined },
): Promise<Server>
