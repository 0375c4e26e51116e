import { type ProblemSlug, problemCatalogue, problemTypeBase } from '@rtcstack/contract'

const style = `
  body { font: 16px/1.6 system-ui, sans-serif; margin: 0; color: #1c2430; background: #fff }
  main { max-width: 40rem; margin: 0 auto; padding: 3rem 1.5rem }
  h1 { font-size: 1.6rem; margin: 0 0 .25rem } code { background: #eef1f5; padding: .1em .35em; border-radius: .25em; overflow-wrap: anywhere }
  dt { font-weight: 600; margin-top: 1.25rem } dd { margin: 0 } a { color: #0b5cad }
  @media (prefers-color-scheme: dark) { body { color: #e6eaf0; background: #12161c } code { background: #222a35 } a { color: #7db7ff } }`

const page = (title: string, body: string, head = '') => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>${head}</head>
<body>${body}</body>
</html>
`

/** The catalogue's texts put names of fields between backticks. */
const marked = (text: string) => text.replace(/`([^`]+)`/g, '<code>$1</code>')

/** The page that a problem's `type` names, or undefined for a slug that there is not. */
export function problemPage(slug: string): string | undefined {
  if (!Object.hasOwn(problemCatalogue, slug)) return undefined
  const { status, title, meaning, remedy } = problemCatalogue[slug as ProblemSlug]
  return page(
    `${slug} – RTCstack`,
    `<main>
  <h1>${slug}</h1>
  <p>${status} ${title} · <code>${problemTypeBase}${slug}</code></p>
  <dl><dt>What it means</dt><dd>${marked(meaning)}</dd><dt>What to do</dt><dd>${marked(remedy)}</dd></dl>
  <p><a href="/docs">API reference</a></p>
</main>`,
    `<style>${style}</style>`,
  )
}

/** The API reference; its scripts and styles come from this server. */
export const docsPage = page(
  'RTCstack API',
  '<div id="reference"></div><script src="/docs/assets/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script>',
  '<link rel="stylesheet" href="/docs/assets/swagger-ui.css">',
)

/** Starts the reference in the page. */
export const docsScript = `SwaggerUIBundle({
  url: '/v1/openapi.json', dom_id: '#reference', deepLinking: true, displayRequestDuration: true,
  defaultModelsExpandDepth: 0, tryItOutEnabled: true, persistAuthorization: false, validatorUrl: null,
})
`
