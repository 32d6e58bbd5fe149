/** Stores whose database opens late, closes, and opens again, whoever asks for it at once. */
import type { Stores } from '../port.js'
import { latePorts, storeError } from './late.js'
import type { Ports } from './stores.js'

/** A database that is open, and migrated. */
export interface Opened {
  readonly ports: Ports
  /** Waits for what is being written. */
  close(): Promise<void>
}

/** `load` may be called again after it failed, and after a close. */
export function openable(load: () => Promise<Opened>): Stores {
  let opening: Promise<Opened> | undefined
  let opened: Opened | undefined
  return { ...latePorts(() => opened?.ports), open, close }

  async function open(): Promise<void> {
    opening ??= load()
    const mine = opening
    try {
      const ready = await mine
      // Whoever closed meanwhile closed this one, too.
      if (opening === mine) opened = ready
    } catch (error) {
      if (opening === mine) opening = undefined
      throw storeError(error)
    }
  }

  async function close(): Promise<void> {
    const ending = opening
    opening = undefined
    opened = undefined
    try {
      await (await ending)?.close()
    } catch (error) {
      throw storeError(error)
    }
  }
}
