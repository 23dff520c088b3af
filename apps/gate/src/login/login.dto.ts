import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';

/** Where to go after signing in, and how. */
export class LoginQuery {
  @IsOptional()
  @IsString()
  @MaxLength(1024)
  returnTo?: string;

  /** The only connections to offer, separated by commas: an application names those that it admits. */
  @IsOptional()
  @IsString()
  @MaxLength(1024)
  connections?: string;

  /** Authentication contexts of which one is asked for, separated by spaces; aliases of the connection, such as `mfa`, are resolved. */
  @IsOptional()
  @IsString()
  @MaxLength(2048)
  acr?: string;

  /** Whether the identity provider must ask who it is, whatever session it has with the browser. */
  @IsOptional()
  @IsIn(['login'])
  prompt?: 'login';
}

/** The e-mail address that leads to a connection. Only its domain is looked at; it is neither kept nor logged. */
export class LoginForm extends LoginQuery {
  @IsString()
  @MaxLength(320)
  email!: string;
}
