/** The endpoints below this folder. */
import { mount } from 'latchkey/next'
import { auth } from '../../../auth'

export const { GET, POST, DELETE, OPTIONS } = mount(auth)
