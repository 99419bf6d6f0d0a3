/** What browsers may do with what we send. The page needs nothing from elsewhere; the docs page has inline styles. */

import type { NextFunction, Request, Response } from 'express';
import helmet from 'helmet';

function policy(styles: string[]) {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        baseUri: ["'self'"],
        connectSrc: ["'self'"],
        fontSrc: ["'self'", 'data:'],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", ...styles],
      },
    },
  });
}

const forPage = policy([]);
const forDocs = policy(["'unsafe-inline'"]);

export function securityHeaders(request: Request, response: Response, next: NextFunction): void {
  const isDocs = request.path === '/docs' || request.path.startsWith('/docs/');
  (isDocs ? forDocs : forPage)(request, response, next);
}
