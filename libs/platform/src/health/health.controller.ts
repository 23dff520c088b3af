import { Controller, Get, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Public } from '../auth/access.decorators.js';
import { Readiness, type ReadinessReport } from './readiness.js';

/** Tells load balancers and operators whether the process lives, and whether it can take requests. */
@ApiTags('operations')
@Public()
@Controller('health')
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  @Get('live')
  @ApiOperation({ summary: 'Whether the process answers at all' })
  @ApiResponse({ status: 200, schema: { example: { live: true } } })
  live(): { live: true } {
    return { live: true };
  }

  @Get('ready')
  @ApiOperation({ summary: 'Whether every part is ready for requests' })
  @ApiResponse({ status: 200, schema: { example: { ready: true, checks: { relay: { ready: true } } } } })
  @ApiResponse({
    status: 503,
    schema: { example: { ready: false, checks: { relay: { ready: false, detail: 'waits for the lease' } } } },
  })
  async ready(@Res({ passthrough: true }) response: Response): Promise<ReadinessReport> {
    const report = await this.readiness.report();
    response.status(report.ready ? 200 : 503);
    return report;
  }
}
