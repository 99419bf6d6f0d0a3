import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AccessGuard } from './access.guard.js';
import { KeyRing } from './key-ring.js';
import { SessionController } from './session.controller.js';
import { SignInLimit } from './sign-in-limit.js';

@Module({
  controllers: [SessionController],
  providers: [KeyRing, SignInLimit, { provide: APP_GUARD, useClass: AccessGuard }],
})
export class AccessModule {}
