/** The presets: Latchkey speaking as another system did. */
export type { Preset } from '../preset.js'
