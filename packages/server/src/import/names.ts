/** What the permissions of Django are called here. */
import type { SourcePermission } from './source.js'

/** `model`: `blog.post:add`, as the guard `modelPermissions('blog.post')` asks. `django`: `blog.add_post`, as `has_perm` did. */
export const PERMISSION_FORMS = ['model', 'django'] as const

export type PermissionForm = (typeof PERMISSION_FORMS)[number]

/** `undefined` for one that no permission can be called. Code names of one's own are `blog.can_publish` in both forms. */
export function permissionName({ app, model, codename }: SourcePermission, form: PermissionForm): string | undefined {
  const [action = ''] = codename.split('_', 1)
  const standard = ['view', 'add', 'change', 'delete'].includes(action) && codename === `${action}_${model}`
  const name = standard && form === 'model' ? `${app}.${model}:${action}` : `${app}.${codename}`
  return /^[\w:./-]{1,255}$/.test(name) ? name : undefined
}
