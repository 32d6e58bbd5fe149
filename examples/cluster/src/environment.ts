/** What a server is told by its environment: its name and port, and what all of them have in common. */

/** A type and no interface: an interface is no record, and the environment of a process is one. */
export type Environment = {
  readonly name: string
  readonly port: number
  readonly issuer: string
  readonly database: string
  readonly redis: string
  readonly secret: string
}

/** For the child: as variables, because arguments are seen by everybody on the machine. */
export const variables = (given: Environment): NodeJS.ProcessEnv => ({ ...process.env, CLUSTER: JSON.stringify(given) })

/** In the child. */
export const environment = (): Environment => JSON.parse(process.env.CLUSTER ?? '')
