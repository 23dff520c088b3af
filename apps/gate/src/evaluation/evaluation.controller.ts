import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { type PlatformRequest, Public } from '#libs/platform';
import { AccessDecisions, type Decision } from './access-decisions.js';
import { EvaluationCallers } from './evaluation-callers.js';
import { EVALUATIONS_MAX, readEvaluation, readEvaluations } from './evaluation-request.js';

/** Why a decision is what it is. */
export class DecisionContextDto {
  @ApiProperty({ example: 'granted' })
  reason!: string;

  @ApiProperty({ example: 'The account holds crm.admin.' })
  text!: string;

  @ApiPropertyOptional({ format: 'uuid', description: 'For GET /api/v1/access/{grant}/why' })
  grant?: string;

  @ApiPropertyOptional({ example: 'crm.admin' })
  role?: string;

  @ApiPropertyOptional({ format: 'date-time' })
  until?: string;
}

/** A decision. */
export class DecisionDto {
  @ApiProperty()
  decision!: boolean;

  @ApiProperty({ type: DecisionContextDto })
  context!: DecisionContextDto;
}

/** Decisions in the order of the questions. */
export class DecisionsDto {
  @ApiProperty({ type: [DecisionDto] })
  evaluations!: DecisionDto[];
}

const QUESTION = {
  subject: { type: 'account', id: '771f942c-b71a-5b6e-a29a-93183ee52f21' },
  action: { name: 'admin' },
  resource: { type: 'application', id: 'crm' },
};
const { subject, ...REST } = QUESTION;

/**
 * Access decisions for applications, in the form of the OpenID AuthZEN Authorization API 1.0. Known by an API key that may read
 * (`audit:read`), or by a client's own credentials (HTTP Basic), which answer about its application only.
 */
@Controller('access/v1')
@ApiTags('decisions')
@Public()
export class EvaluationController {
  constructor(
    private readonly callers: EvaluationCallers,
    private readonly decisions: AccessDecisions,
  ) {}

  @Post('evaluation')
  @HttpCode(200)
  @ApiOperation({ summary: 'May this account do this in this application?' })
  @ApiBody({ schema: { type: 'object', example: QUESTION } })
  @ApiOkResponse({ type: DecisionDto })
  async evaluate(@Req() request: PlatformRequest, @Body() body: object): Promise<Decision> {
    const asking = await this.callers.identify(request, tenantIn(body));
    const answer = await this.decisions.answerer(asking);
    return answer(readEvaluation(body));
  }

  @Post('evaluations')
  @HttpCode(200)
  @ApiOperation({ summary: `Up to ${EVALUATIONS_MAX} such questions at once` })
  @ApiBody({ schema: { type: 'object', example: { subject, evaluations: [REST] } } })
  @ApiOkResponse({ type: DecisionsDto })
  async evaluateAll(
    @Req() request: PlatformRequest,
    @Body() body: object,
  ): Promise<Decision | { readonly evaluations: readonly Decision[] }> {
    const asking = await this.callers.identify(request, tenantIn(body));
    const answer = await this.decisions.answerer(asking);
    const { questions, semantic, isList } = readEvaluations(body);
    const evaluations: Decision[] = [];
    for (const question of questions) {
      const given = await answer(question);
      evaluations.push(given);
      if (semantic === 'deny_on_first_deny' && !given.decision) break;
      if (semantic === 'permit_on_first_permit' && given.decision) break;
    }
    return isList ? { evaluations } : (evaluations[0] as Decision);
  }
}

const tenantIn = (body: object | undefined): unknown =>
  (body as { context?: { tenant?: unknown } } | undefined)?.context?.tenant;
