import { type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { PlatformRequest } from '#libs/platform';
import { AnswerRefusals } from '../sign-in/answer-refusals.js';

/** Lets a request through with a verified assertion; whatever is refused is recorded and answered as it was refused. */
@Injectable()
export class SamlGuard extends AuthGuard('saml') {
  constructor(private readonly refusals: AnswerRefusals) {
    super({ session: false });
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    try {
      return (await super.canActivate(context)) as boolean;
    } catch (error) {
      await this.refusals.record(context.switchToHttp().getRequest<PlatformRequest>(), error);
      throw error;
    }
  }

  override handleRequest<User>(error: unknown, user: User): User {
    if (error || !user) throw error ?? new TypeError('passport-saml gave neither a user nor an error');
    return user;
  }
}
