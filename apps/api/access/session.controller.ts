import { Body, Controller, Delete, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { closeApiSession, openApiSession, SESSION_MS, verifyApiKey, type Database } from '@holdfast/store';
import { ApiProblem } from '../conventions/problem.js';
import { DATABASE } from '../database/database.module.js';
import { AnyKey, Public, Who } from './allow.js';
import { clearSessionCookie, sessionTokenOf, setSessionCookie } from './cookies.js';
import { KeyRing } from './key-ring.js';
import { principalOf, type Principal } from './principal.js';
import { SessionDto, SignInDto } from './session.dto.js';
import { SignInLimit } from './sign-in-limit.js';

@ApiTags('session')
@Controller('session')
export class SessionController {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    private readonly keys: KeyRing,
    private readonly limit: SignInLimit,
  ) {}

  @Post()
  @Public()
  @HttpCode(200)
  @ApiOperation({ summary: 'Signs a browser in with a key: the answer sets the cookie.' })
  @ApiOkResponse({ type: SessionDto })
  async signIn(
    @Body() { key }: SignInDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SessionDto> {
    const address = request.ip ?? '';
    this.limit.check(address);
    const doc = await verifyApiKey(this.database, key);
    if (!doc) {
      this.limit.failed(address);
      throw new ApiProblem(
        401,
        'wrong-key',
        'This key is not known, or was revoked; look whether it is whole.',
      );
    }
    this.limit.succeeded(address);
    const { token } = await openApiSession(this.database, doc._id);
    setSessionCookie(request, response, token, SESSION_MS);
    return sessionOf(principalOf(doc));
  }

  @Get()
  @AnyKey()
  @ApiOperation({ summary: 'Who is signed in.' })
  @ApiOkResponse({ type: SessionDto })
  show(@Who() principal: Principal): SessionDto {
    return sessionOf(principal);
  }

  @Delete()
  @AnyKey()
  @HttpCode(204)
  @ApiOperation({ summary: 'Signs out.' })
  async signOut(@Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<void> {
    const token = sessionTokenOf(request);
    if (token !== undefined) {
      await closeApiSession(this.database, token);
      this.keys.forgetSession(token);
    }
    clearSessionCookie(request, response);
  }
}

function sessionOf({ scope, storeId, name }: Principal): SessionDto {
  return { scope, storeId, name };
}
