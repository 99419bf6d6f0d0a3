/** The API's own description: the document at `/openapi.json`, the page to read it at `/docs`. */

import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

const DESCRIPTION = `What shops do with Holdfast: settings, products, stock, orders, and what a checkout asks.

Sign requests with \`Authorization: Bearer hf_…\`. What goes wrong is answered as \`application/problem+json\`
(RFC 9457): \`code\` names it, \`errors\` point at each wrong field with its remedy. Writes take an
\`Idempotency-Key\`: sent again with the same key, a request is answered as the first time.`;

export function openApi(app: NestExpressApplication): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Holdfast API',
  });
}

export function openApiDocument(app: NestExpressApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle('Holdfast')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'hf_<keyId>_<secret>' }, 'key')
    .addCookieAuth('holdfast_session', { type: 'apiKey', in: 'cookie' }, 'session')
    .addSecurityRequirements('key')
    .addSecurityRequirements('session');
  return SwaggerModule.createDocument(app, builder.build());
}
