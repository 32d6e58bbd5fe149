/** The reference page: Swagger UI, fed with the description of this server. Runs in browsers. */
/// <reference lib="dom" />

declare const SwaggerUIBundle: (options: object) => unknown

const response = await fetch('/auth/openapi.json')
const description = (await response.json()) as object
SwaggerUIBundle({
  // The page may be open under another name than the issuer's; requests go to where the page came from.
  spec: response.ok ? { ...description, servers: [{ url: location.origin }] } : undefined,
  dom_id: '#reference',
  validatorUrl: null,
  deepLinking: false,
  defaultModelsExpandDepth: 0,
})
