import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type KafkaOptions, publishedThrough, republishFrom, topicOf } from '#libs/bus';
import type { Database } from '#libs/database';
import { INSTALLATION_TENANT } from '#libs/kernel';
import {
  ApiIdempotencyKey,
  type Caller,
  CLOCK,
  type Clock,
  CurrentCaller,
  DATABASE,
  KAFKA,
  NotFoundError,
  type PlatformRequest,
  RequireScopes,
  WriteRequests,
} from '#libs/platform';
import { listParked, planRebuilds, projectionStandings, replayParkedStreams } from '#libs/read-model';
import { ProjectionJobs } from './projection-jobs.js';
import {
  BeginJobDto,
  JobDto,
  NamedProjectionsDto,
  ParkedQueryDto,
  ParkedStreamsDto,
  ProjectionsDto,
  RebuildPlansDto,
  ReplayOutcomeDto,
  RepublishDto,
  RepublishedDto,
} from './projections.dto.js';
import { NoKafkaError, NotPublishedSoFarError } from './projections.errors.js';

/** Care of the read model by the server that holds the data: the command line works through it. For the installation's own keys. */
@Controller('api/v1/projections')
@ApiTags('projections')
@RequireScopes('admin')
export class ProjectionsController {
  constructor(
    private readonly jobs: ProjectionJobs,
    private readonly requests: WriteRequests,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(KAFKA) private readonly kafka: KafkaOptions | null,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Where every projection stands' })
  @ApiOkResponse({ type: ProjectionsDto })
  async list(@CurrentCaller() caller: Caller): Promise<ProjectionsDto> {
    ofTheInstallation(caller);
    return { projections: await projectionStandings(this.database, this.clock) };
  }

  @Post('plans')
  @HttpCode(200)
  @ApiOperation({ summary: 'Say what rebuilding would do, and do nothing' })
  @ApiOkResponse({ type: RebuildPlansDto })
  async plan(@Body() body: NamedProjectionsDto, @CurrentCaller() caller: Caller): Promise<RebuildPlansDto> {
    ofTheInstallation(caller);
    return { plans: await planRebuilds(this.database, body.projections ?? []) };
  }

  @Post('jobs')
  @HttpCode(202)
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'Begin to rebuild projections, or to verify them and record the outcome' })
  @ApiAcceptedResponse({ type: JobDto })
  begin(@Body() body: BeginJobDto, @Req() request: PlatformRequest, @CurrentCaller() caller: Caller): JobDto {
    ofTheInstallation(caller);
    const metadata = this.requests.metadata(caller, request, body, INSTALLATION_TENANT);
    return this.jobs.begin(body.kind, body.projections ?? [], metadata);
  }

  @Get('jobs/:job')
  @ApiOperation({ summary: 'How far a job of this server is, and what it came to' })
  @ApiOkResponse({ type: JobDto })
  job(@Param('job') id: string, @CurrentCaller() caller: Caller): JobDto {
    ofTheInstallation(caller);
    const job = this.jobs.find(id);
    if (!job) throw new NotFoundError('job');
    return job;
  }

  @Get('parked')
  @ApiOperation({ summary: 'Streams that a projection could not take and that wait' })
  @ApiOkResponse({ type: ParkedStreamsDto })
  async parked(@Query() query: ParkedQueryDto, @CurrentCaller() caller: Caller): Promise<ParkedStreamsDto> {
    ofTheInstallation(caller);
    return { streams: await listParked(this.database, query) };
  }

  @Post('parked/replay')
  @HttpCode(200)
  @ApiOperation({ summary: 'Try parked streams again, in order, from the event store' })
  @ApiOkResponse({ type: ReplayOutcomeDto })
  async replay(@Body() query: ParkedQueryDto, @CurrentCaller() caller: Caller): Promise<ReplayOutcomeDto> {
    ofTheInstallation(caller);
    return replayParkedStreams(this.jobs.work, query);
  }

  @Post('republications')
  @HttpCode(200)
  @ApiOperation({ summary: 'Publish the sealed log to Kafka again after a position' })
  @ApiOkResponse({ type: RepublishedDto })
  async republish(@Body() { after, dryRun }: RepublishDto, @CurrentCaller() caller: Caller): Promise<RepublishedDto> {
    ofTheInstallation(caller);
    if (this.kafka === null) throw new NoKafkaError();
    const topic = topicOf(this.kafka);
    const published = await publishedThrough(this.database, topic);
    if (after > published) throw new NotPublishedSoFarError(topic, published);
    return { topic, after, events: dryRun ? published - after : await republishFrom(this.database, topic, after) };
  }
}

/** Projections hold all tenants: for a tenant's key they do not exist. @throws {NotFoundError} */
function ofTheInstallation(caller: Caller): void {
  if (caller.tenant !== null) throw new NotFoundError('projections');
}
