import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { ApiConfig } from '@holdfast/config';
import type { BatchTools } from '@holdfast/store';

/** `BatchTools`: what libs/store's changes work with. */
export const TOOLS = Symbol('BatchTools');
/** `Database`: the same one as in the tools. */
export const DATABASE = Symbol('Database');
/** `ApiConfig` */
export const CONFIG = Symbol('ApiConfig');

/** Opened by api.ts before Nest starts, and closed after it: nothing here has a life of its own. */
@Global()
@Module({})
export class DatabaseModule {
  static on(tools: BatchTools, config: ApiConfig): DynamicModule {
    return {
      module: DatabaseModule,
      providers: [
        { provide: TOOLS, useValue: tools },
        { provide: DATABASE, useValue: tools.database },
        { provide: CONFIG, useValue: config },
      ],
      exports: [TOOLS, DATABASE, CONFIG],
    };
  }
}
