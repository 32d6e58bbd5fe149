/** The door for pages that subscribe: over the client of graphql-ws, or by server-sent events; neither ends with a token. */
export { type EventsOptions, eventsOf, type GraphqlOperation, type GraphqlResult } from './events.js'
export { type SocketClientOptions, type SocketListeners, type SocketOptions, socketOptions } from './sockets.js'
export type { TokenSource } from './token-source.js'
