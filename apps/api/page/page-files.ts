/**
 * The built page and its compressed copies, which its build puts beside each file. Names of assets hold a hash of
 * what is in them, so that a browser may keep them for good; it asks each time whether the page itself is new.
 */

import { existsSync } from 'node:fs';
import { extname, join, normalize, sep } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Handler, NextFunction, Request, Response } from 'express';

const TYPES: Record<string, string | undefined> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const FOR_GOOD = 'public, max-age=31536000, immutable';
const ASK_EACH_TIME = 'no-cache';

/** @param folder the page's build; nothing is served while it has no index.html */
export function servePage(app: NestExpressApplication, folder: string): void {
  if (!existsSync(join(folder, 'index.html'))) return;
  app.use(compressedCopy(folder));
  app.useStaticAssets(folder, {
    setHeaders: (response, path) => {
      const isAsset = path.startsWith(join(folder, 'assets') + sep);
      response.setHeader('Cache-Control', isAsset ? FOR_GOOD : ASK_EACH_TIME);
    },
  });
}

function compressedCopy(folder: string): Handler {
  return (request: Request, response: Response, next: NextFunction): void => {
    const wanted = request.path === '/' ? '/index.html' : request.path;
    const type = TYPES[extname(wanted)];
    if (type === undefined || !/\bgzip\b/.test(String(request.headers['accept-encoding']))) return next();
    const copy = `${normalize(wanted)}.gz`;
    if (copy.includes('..') || !existsSync(join(folder, copy))) return next();
    request.url = copy;
    response.setHeader('Content-Type', type);
    response.setHeader('Content-Encoding', 'gzip');
    response.setHeader('Vary', 'Accept-Encoding');
    next();
  };
}
