/** The types of services.mjs. */

/** A program and its arguments. */
type Command = readonly [string, readonly string[]]

/** How a service is run in the foreground. */
export interface Service {
  readonly name: string
  readonly port: number
  readonly url: string
  readonly run: Command
  /** Ends with 0 when the service answers. */
  readonly check: Command
  /** Empty for whoever runs the example. */
  readonly user: { readonly uid?: number; readonly gid?: number }
  /** The signal at which it ends without waiting for its clients. */
  readonly stop: NodeJS.Signals
}

export function freePort(): Promise<number>
export function prepareServices(folder: string): Promise<{ readonly postgres: Service; readonly redis: Service }>
