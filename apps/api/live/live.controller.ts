import { Controller, Get, Headers, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { MayRead } from '../access/allow.js';
import { ApiProblem } from '../conventions/problem.js';
import { EventStreams } from './event-streams.js';

const DESCRIPTION = `\`event: stock\` for each change: \`{at, outcome, orderId?, cause, deltas: [{stockKey, productId,
variantId, date}]}\`; it says what moved, not the numbers: load those. \`event: reset\` when something may have been
missed: load everything anew. Open the stream first and load then, so that nothing falls between.`;

@ApiTags('live')
@Controller('stores/:storeId/events')
export class LiveController {
  constructor(@Inject(EventStreams) private readonly streams: EventStreams) {}

  @Get()
  @MayRead()
  @ApiOperation({ summary: 'What changes, as it happens (server-sent events).', description: DESCRIPTION })
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'the id of the last event that was read',
  })
  @ApiOkResponse({ content: { 'text/event-stream': { schema: { type: 'string' } } } })
  async stream(
    @Param('storeId') storeId: string,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    // Who asks with HEAD never gets a body, and would hold a stream that nothing is ever sent on.
    if (request.method === 'HEAD') {
      response.status(200).type('text/event-stream').setHeader('Cache-Control', 'no-store').end();
      return;
    }
    if (this.streams.isFull) {
      const detail = 'As many streams are open as may be; come back in some seconds.';
      throw new ApiProblem(503, 'too-many-streams', detail, {}, { 'Retry-After': '5' });
    }
    await this.streams.serve(storeId, lastEventId, response);
  }
}
