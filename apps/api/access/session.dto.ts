import { ApiProperty } from '@nestjs/swagger';
import { API_SCOPES, type ApiScope } from '@holdfast/store';
import { TextField } from '../conventions/fields.js';

export class SignInDto {
  @TextField({ description: 'An access key, as `ops keys create` printed it.', example: 'hf_…', max: 200 })
  key!: string;
}

export class SessionDto {
  @ApiProperty({ enum: API_SCOPES })
  scope!: ApiScope;

  @ApiProperty({ type: String, nullable: true, description: 'null: every store (an operator key)' })
  storeId!: string | null;

  @ApiProperty({ description: "the key's name" })
  name!: string;
}
