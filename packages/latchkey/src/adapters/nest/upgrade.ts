/** The request that opened a socket, kept on the socket: messages have none of their own. */
import type { IncomingMessage } from 'node:http'

const UPGRADE: unique symbol = Symbol('latchkey.upgrade')

/** A socket of either platform. */
export interface Client {
  readonly [UPGRADE]?: IncomingMessage
  /** Socket.IO keeps it by itself. */
  readonly request?: IncomingMessage
}

/**
 * Keeps the request that opened a socket, where the platform does not: with `ws`, in `handleConnection` of a gateway. Socket.IO keeps it itself.
 *
 * @example
 * ```ts
 * import type { IncomingMessage } from 'node:http'
 * import { keepUpgrade } from 'latchkey/nest'
 * class ChatGateway {
 *   handleConnection(client: object, request: IncomingMessage) {
 *     keepUpgrade(client, request)
 *   }
 * }
 * ```
 */
export function keepUpgrade(client: object, request: IncomingMessage): void {
  Object.assign(client, { [UPGRADE]: request })
}

/** The request that opened a socket, if it was kept. */
export const upgradeOf = (client: Client): IncomingMessage | undefined => client[UPGRADE] ?? client.request
