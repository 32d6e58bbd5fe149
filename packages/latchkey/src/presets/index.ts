/** The presets: Latchkey speaking as another system did. */
export type { Preset } from '../preset.js'
export { type SimpleJwtSettings, simplejwt } from './simplejwt.js'
