import { applyDecorators } from '@nestjs/common';
import { ApiAcceptedResponse, ApiProperty } from '@nestjs/swagger';
import type { Response } from 'express';
import { encodePositionToken } from '#libs/event-store';

/** A change that waits until somebody else approves of it. Nothing has changed yet. */
export class ChangeHeldDto {
  @ApiProperty({ enum: ['held'] })
  status!: 'held';

  @ApiProperty({ format: 'uuid', description: 'Where it is looked at and answered: /api/v1/changes/{id}' })
  change!: string;

  @ApiProperty({ example: 1, description: 'How many others must approve' })
  approvalsNeeded!: number;

  @ApiProperty({ format: 'date-time', description: 'When it lapses if nobody answers' })
  validUntil!: string;

  @ApiProperty({ description: 'Pass it as minPosition to read the change', example: 'cDE6NDI' })
  positionToken!: string;
}

/** What is known of a change that waits. */
interface Waiting extends Pick<ChangeHeldDto, 'status' | 'change' | 'approvalsNeeded' | 'validUntil'> {
  readonly storePosition: number;
}

/** Documents that a write may be answered 202: where the tenant wants a second person for it, the change waits for one. */
export const ApiChangeHeld = (): MethodDecorator =>
  applyDecorators(
    ApiAcceptedResponse({
      type: ChangeHeldDto,
      description:
        'The tenant wants a second person for such a change (changeApproval): it waits, and nothing has changed',
    }),
  );

/** Answers that a change waits: sets the status 202. */
export function answerHeld(response: Response, { storePosition, ...waiting }: Waiting): ChangeHeldDto {
  response.status(202);
  const { status, change, approvalsNeeded, validUntil } = waiting;
  return { status, change, approvalsNeeded, validUntil, positionToken: encodePositionToken(storePosition) };
}
