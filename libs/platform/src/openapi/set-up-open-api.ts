import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { NextFunction, Request, Response } from 'express';
import { SESSION_COOKIE } from '../auth/session-cookie.js';
import { withErrorResponses } from './error-responses.js';

/** What the description calls itself. */
export interface OpenApiOptions {
  readonly title: string;
  readonly version: string;
  readonly description?: string;
}

/** The viewer runs its own scripts and writes its own styles; nothing is loaded from elsewhere. */
const VIEWER_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Describes every route of the server at `/openapi.json`, and shows the description at `/docs`. To be called before the server listens.
 * @returns the description
 */
export function setUpOpenApi(app: NestExpressApplication, options: OpenApiOptions): OpenAPIObject {
  const document = describe(app, options);
  app.use('/docs', allowViewer);
  SwaggerModule.setup('docs', app, document, {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: options.title,
    swaggerOptions: { validatorUrl: null },
  });
  return document;
}

function describe(app: NestExpressApplication, { title, version, description = '' }: OpenApiOptions): OpenAPIObject {
  const base = new DocumentBuilder()
    .setTitle(title)
    .setVersion(version)
    .setDescription(description)
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key: gbk_…' }, 'key')
    .addApiKey(
      { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE, description: 'A session; writes also need X-CSRF-Token' },
      'session',
    )
    .build();
  return withErrorResponses(SwaggerModule.createDocument(app, base, { operationIdFactory }));
}

/** `AccountsController.list` becomes `accounts.list`: stable, unique, and readable in generated clients. */
function operationIdFactory(controller: string, method: string): string {
  const noun = controller.replace(/Controller$/, '');
  return `${noun.charAt(0).toLowerCase()}${noun.slice(1)}.${method}`;
}

function allowViewer(_request: Request, response: Response, next: NextFunction): void {
  response.set('Content-Security-Policy', VIEWER_POLICY);
  next();
}
