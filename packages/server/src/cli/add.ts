/** How a command is added to the tree. */
import type { Command as Program } from 'commander'
import type { Command } from './task.js'

type Loader = () => Promise<Command<never>>

export type Options = Readonly<Record<string, unknown>>

/** `meant`: what a command means by options that mean something else everywhere else. */
export type Add = (
  parent: Program,
  signature: string,
  about: string,
  load: Loader,
  meant?: (options: Options) => Options,
) => Program
